-- Tells a session that lives, if its use need not be noted now; all else is for `use.lua`.
-- KEYS[1] session   KEYS[2] gate of the bucket; followed by the user, that of the user
-- ARGV[1] how long after it was last noted use need not be noted again, in ms
-- Reply: what is told | nil
-- @include generation
-- @include tell
local session, gate, touch_every = KEYS[1], KEYS[2], tonumber(ARGV[1])

local state, generation, user, seen, expires =
  unpack(redis.call('HMGET', session, 'state', 'generation', 'user', 'seen', 'expires'))
if state ~= 'live' or generation ~= generation_of(gate, user) then return end

local now = expires - redis.call('PTTL', session)
if now - seen < touch_every then return tell(session) end
