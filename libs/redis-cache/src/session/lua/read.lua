-- Reads a session and notes that it is in use.
-- KEYS[1] session   KEYS[2] gate of the bucket; followed by the user, that of the user
-- KEYS[3] what the index of a user begins with
-- ARGV[1] id in the bucket   ARGV[2] idle timeout in ms   ARGV[3] absolute timeout in ms
-- ARGV[4] how long after it was last noted use need not be noted again, in ms
-- ARGV[5] packed list of the fields wanted beside what is known of every session, * = all
-- Reply: {'live' | 'frozen', Redis's time, expires, {name, value, …}} | {'moved', id} | {'gone'} | {'unknown'}
-- @include clock
-- @include generation
-- @include packed-list
-- @include session
-- @include index
-- @include expiry
local session, gate, index = KEYS[1], KEYS[2], KEYS[3]
local id, wanted = ARGV[1], ARGV[5]
local timeouts = { idle = tonumber(ARGV[2]), absolute = tonumber(ARGV[3]), touch_every = tonumber(ARGV[4]) }
local head = string.sub(session, 1, #session - #id)

local state, user, next_id = open_session(session, head, gate)
if state == 'moved' then return { state, next_id } end
if state ~= 'live' and state ~= 'frozen' then return { state } end

local now = state == 'live' and keep_alive(session, index, id, user, timeouts) or now_ms()
local reply = { state, now, redis.call('PEXPIRETIME', session) }
if wanted == '*' then
  reply[4] = redis.call('HGETALL', session)
  return reply
end
local names = { 'user', 'created', 'seen', 'login', 'version', 'csrf', 'device' }
for _, name in ipairs(unpack_list(wanted)) do names[#names + 1] = 'd:' .. name end
local values = redis.call('HMGET', session, unpack(names))
local pairs_found = {}
for at, name in ipairs(names) do
  if values[at] then
    pairs_found[#pairs_found + 1] = name
    pairs_found[#pairs_found + 1] = values[at]
  end
end
reply[4] = pairs_found
return reply
