-- Notes in the tag log that tags are invalidated now, before any entry is removed: values with these tags whose load
-- began earlier will be refused.
-- KEYS[1] tag log
-- ARGV[1] random number for the epoch of a new tag log   ARGV[2] tags, separated by NUL
-- ARGV[3] for how many ms the source may still give what was, 0 = it does not
-- Reply: the counter.
-- @include clock
-- @include full-memory
-- @include tags
-- @include tag-log
-- @include settling
local log, epoch, tags, settle = KEYS[1], ARGV[1], ARGV[2], tonumber(ARGV[3])

local EPOCH_AND_FLOOR_AND_COUNTER = 3

write_although_full(log)
local counter = tonumber((open_log(log, epoch)))
for tag in each_tag(tags) do
  counter = counter + 1
  redis.call('ZADD', log, string.format('%.0f', counter), 't' .. tag)
end
redis.call('ZADD', log, string.format('%.0f', counter), '\0n')

local now = now_ms()
forget_settled(log, now)
if settle > 0 then
  for tag in each_tag(tags) do
    note_settling(log, 't' .. tag, now + settle)
  end
end

local settling = redis.call('ZCOUNT', log, 0, HIGHEST_TIME)
while redis.call('ZCARD', log) > LOG_LENGTH + EPOCH_AND_FLOOR_AND_COUNTER + settling do
  local oldest = 2 + settling
  local pruned = redis.call('ZRANGE', log, oldest, oldest, 'WITHSCORES')
  redis.call('ZREM', log, pruned[1])
  redis.call('ZADD', log, 'GT', pruned[2], '\0f')
end
return string.format('%.0f', counter)
