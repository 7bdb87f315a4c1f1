-- Notes in the tag log that everything is invalidated now: whatever is being loaded will be refused.
-- KEYS[1] tag log
-- ARGV[1] random number for the epoch of a new tag log
-- Reply: the counter.
-- @include full-memory
-- @include tag-log
local log, epoch = KEYS[1], ARGV[1]

write_although_full(log)
local counter = string.format('%.0f', tonumber((open_log(log, epoch))) + 1)
redis.call('ZADD', log, counter, '\0n', counter, '\0f')
return counter
