-- Declares an index complete, if nothing was lost since the rebuild began.
-- KEYS[1] index
-- ARGV[1] id of the rebuild
-- Reply: 1, or 0 when the index was lost in between: the rebuild must start over.
-- @include full-memory
-- @include tags
-- @include index
local index, id = KEYS[1], ARGV[1]

local marker = '\0b' .. id
if not redis.call('ZSCORE', index, marker) then return 0 end
write_although_full(index)
-- In this order: an index of nothing but the marker would be gone with it, and its expiry too.
redis.call('ZADD', index, 0, COMPLETE)
redis.call('ZREM', index, marker)
return 1
