-- Adds to a counter; one that is not there begins at 0. A counter is a bare integer, without an envelope and without tags.
-- KEYS[1] entry   KEYS[2] lease   KEYS[3] index
-- ARGV[1] key   ARGV[2] by how much   ARGV[3] ttl in ms of a counter that begins, 0 = forever
-- ARGV[4] lifetime of the index in ms, 0 = no index
-- Reply: the new count.
-- @include envelope
-- @include tags
-- @include index
-- @include lease
-- @include moving
-- @include sample
local entry, lease, index = KEYS[1], KEYS[2], KEYS[3]
local key, by, ttl, index_ttl = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])

local begins = redis.call('EXISTS', entry) == 0
local written = index_ttl > 0 and add_to_index(index, index_ttl, key, '') or 0
local count = redis.call('INCRBY', entry, by)
if begins and ttl > 0 then redis.call('PEXPIRE', entry, ttl) end
end_lease(lease)
if written > 0 then
  sample(index, written, string.sub(entry, 1, #entry - #key), string.sub(lease, 1, #lease - #key))
end
return count
