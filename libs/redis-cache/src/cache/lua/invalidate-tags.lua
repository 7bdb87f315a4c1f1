-- Notes in the tag log that tags are invalidated now, before any entry is removed: values with these tags whose load
-- began earlier will be refused.
-- KEYS[1] tag log
-- ARGV[1] random number for the epoch of a new tag log   ARGV[2] tags, separated by NUL
-- Reply: the counter.
-- @include tags
-- @include tag-log
local log, epoch, tags = KEYS[1], ARGV[1], ARGV[2]

local EPOCH_AND_FLOOR_AND_COUNTER = 3

-- Without a write that frees memory first (even of nothing), a full Redis would refuse the script.
redis.call('UNLINK', log .. '\0none')
local counter = tonumber((open_log(log, epoch)))
for tag in each_tag(tags) do
  counter = counter + 1
  redis.call('ZADD', log, string.format('%.0f', counter), 't' .. tag)
end
redis.call('ZADD', log, string.format('%.0f', counter), '\0n')

while redis.call('ZCARD', log) > LOG_LENGTH + EPOCH_AND_FLOOR_AND_COUNTER do
  local pruned = redis.call('ZRANGE', log, 2, 2, 'WITHSCORES')
  redis.call('ZREM', log, pruned[1])
  redis.call('ZADD', log, pruned[2], '\0f')
end
return string.format('%.0f', counter)
