-- Ends all sessions of a user, but for one that may be named, and refuses logins that have begun.
-- KEYS[1] gate of the bucket; followed by the user, that of the user   KEYS[2] index of the user
-- KEYS[3] session to keep; with the id '' what a session begins with
-- ARGV[1] user   ARGV[2] new generation, unique   ARGV[3] lifetime of the gate in ms   ARGV[4] lifetime of a tombstone in ms
-- ARGV[5] id of the session to keep, '' = none
-- Reply: ids of the sessions it has ended
-- @include generation
-- @include session
local gate, index, kept = KEYS[1], KEYS[2], KEYS[3]
local user, generation, gate_ms, tombstone_ms, kept_id = ARGV[1], ARGV[2], ARGV[3], ARGV[4], ARGV[5]
local head = string.sub(kept, 1, #kept - #kept_id)

if redis.call('GET', gate .. user) == generation then return {} end

local members = redis.call('ZRANGE', index, 0, -1, 'WITHSCORES')
kept_id = follow(head, kept_id)
kept = head .. kept_id
local state, owner = open_session(kept, head, gate)
local keeps = kept_id ~= '' and state == 'live' and owner == user

redis.call('UNLINK', index)
local ended = {}
for at = 1, #members, 2 do
  local id = members[at]
  if not (keeps and id == kept_id) then
    if open_session(head .. id, head, gate) == 'live' then ended[#ended + 1] = id end
    bury(head .. id, tombstone_ms)
  end
end
redis.call('SET', gate .. user, generation, 'PX', gate_ms)
if keeps then
  local expires = redis.call('PEXPIRETIME', kept)
  redis.call('HSET', kept, 'generation', generation_of(gate, user))
  redis.call('ZADD', index, expires, kept_id)
  redis.call('PEXPIREAT', index, expires)
end
return ended
