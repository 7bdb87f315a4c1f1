-- Begins to make an index complete, unless it is. Writers that come from now on list themselves.
-- KEYS[1] index
-- ARGV[1] id of the rebuild   ARGV[2] lifetime of the index in ms
-- Reply: 1, or 0 when the index is complete.
-- @include full-memory
-- @include tags
-- @include index
local index, id, index_ttl = KEYS[1], ARGV[1], ARGV[2]

if redis.call('ZSCORE', index, COMPLETE) then return 0 end
write_although_full(index)
redis.call('ZADD', index, 0, '\0b' .. id)
redis.call('PEXPIRE', index, index_ttl)
return 1
