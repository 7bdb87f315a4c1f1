-- Tells a session, and notes that it is in use.
-- KEYS[1] session   KEYS[2] gate of the bucket; followed by the user, that of the user
-- KEYS[3] what the index of a user begins with
-- ARGV[1] id in the bucket   ARGV[2] idle timeout in ms   ARGV[3] absolute timeout in ms
-- ARGV[4] how long after it was last noted use need not be noted again, in ms
-- ARGV[5] packed list of the fields to tell, '' = all
-- Reply: what is told | {'moved', id} | {'gone'} | {'unknown'}
-- @include generation
-- @include packed-list
-- @include tell
local session, gate, index = KEYS[1], KEYS[2], KEYS[3]
local id, touch_every, names = ARGV[1], tonumber(ARGV[4]), ARGV[5]

local state, generation, user, seen, expires =
  unpack(redis.call('HMGET', session, 'state', 'generation', 'user', 'seen', 'expires'))
if state == 'live' and generation == generation_of(gate, user) then
  local now = expires - redis.call('PTTL', session)
  if now - seen < touch_every then return tell(session, names) end
end

-- @include clock
-- @include session
-- @include index
-- @include expiry
local next_id
state, user, next_id = open_session(session, string.sub(session, 1, #session - #id), gate)
if state == 'moved' then return { state, next_id } end
if state ~= 'live' and state ~= 'frozen' then return { state } end
local timeouts = { idle = tonumber(ARGV[2]), absolute = tonumber(ARGV[3]), touch_every = touch_every }
if state == 'live' and not keep_alive(session, index, id, user, timeouts) then return { 'gone' } end
return tell(session, names)
