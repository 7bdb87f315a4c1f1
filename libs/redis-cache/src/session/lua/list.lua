-- What is known of the sessions of a user.
-- KEYS[1] gate of the bucket; followed by the user, that of the user   KEYS[2] index of the user
-- KEYS[3] what a session begins with   ARGV[1] packed list of the fields to tell
-- Reply: {{id, what is told}, …}
-- @include clock
-- @include generation
-- @include packed-list
-- @include session
-- @include index
-- @include tell-some
local gate, index, head, names = KEYS[1], KEYS[2], KEYS[3], ARGV[1]

local sessions = {}
for at, id in ipairs(living(index, head, gate, now_ms())) do
  sessions[at] = { id, tell_some(head .. id, names) }
end
return sessions
