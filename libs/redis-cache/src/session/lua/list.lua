-- What is known of the sessions of a user, without their fields.
-- KEYS[1] gate of the bucket; followed by the user, that of the user   KEYS[2] index of the user
-- KEYS[3] what a session begins with
-- Reply: {{id, expires, name, value, …}, …}
-- @include clock
-- @include generation
-- @include session
-- @include index
local gate, index, head = KEYS[1], KEYS[2], KEYS[3]

local names = { 'user', 'created', 'seen', 'login', 'version', 'csrf', 'device' }
local sessions = {}
for at, id in ipairs(living(index, head, gate, now_ms())) do
  local known = { id, redis.call('PEXPIRETIME', head .. id) }
  for place, value in ipairs(redis.call('HMGET', head .. id, unpack(names))) do
    known[#known + 1] = names[place]
    known[#known + 1] = value
  end
  sessions[at] = known
end
return sessions
