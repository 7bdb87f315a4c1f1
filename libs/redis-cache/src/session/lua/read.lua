-- Asks for a session, whose fields are read beside it, and notes that it is in use.
-- KEYS[1] session   KEYS[2] gate of the bucket; followed by the user, that of the user
-- KEYS[3] what the index of a user begins with
-- ARGV[1] id in the bucket   ARGV[2] idle timeout in ms   ARGV[3] absolute timeout in ms
-- ARGV[4] how long after it was last noted use need not be noted again, in ms
-- Reply: '<live | frozen> <expires> <seen>', because lists are costly | {'moved', id} | {'gone'} | {'unknown'}
local session, gate, index = KEYS[1], KEYS[2], KEYS[3]
local id, touch_every = ARGV[1], tonumber(ARGV[4])

local state, generation, user, seen = unpack(redis.call('HMGET', session, 'state', 'generation', 'user', 'seen'))
local is_live = state == 'live'
  and generation == (redis.call('GET', gate) or '0') .. ':' .. (user ~= '' and redis.call('GET', gate .. user) or '0')
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
if is_live and now - seen < touch_every then return 'live ' .. redis.call('PEXPIRETIME', session) .. ' ' .. seen end

-- @include clock
-- @include generation
-- @include session
-- @include index
-- @include expiry
if not is_live then
  local next_id
  state, user, next_id = open_session(session, string.sub(session, 1, #session - #id), gate)
  if state == 'moved' then return { state, next_id } end
  if state ~= 'live' and state ~= 'frozen' then return { state } end
end
if state == 'live' then
  seen = keep_alive(session, index, id, user, { idle = tonumber(ARGV[2]), absolute = tonumber(ARGV[3]), touch_every = touch_every })
end
return state .. ' ' .. redis.call('PEXPIRETIME', session) .. ' ' .. seen
