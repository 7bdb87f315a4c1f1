-- The tag log is a sorted set: "t" + tag, scored by the counter at its last invalidation. NUL .. "n" is the counter,
-- NUL .. "f" the floor (the highest score that was pruned), NUL .. "e" the epoch as a negative score: by rank the epoch
-- comes first, the floor second, and then the tags in the order of their invalidation.
local LOG_LIFETIME, LOG_LENGTH = 604800000, 1024

-- The counter and the epoch; a log that is not there is begun.
local function open_log(log, epoch)
  redis.call('PEXPIRE', log, LOG_LIFETIME)
  local counter = redis.call('ZSCORE', log, '\0n')
  if counter then return counter, redis.call('ZSCORE', log, '\0e') end
  local time = redis.call('TIME')
  counter = string.format('%.0f', time[1] * 1000000 + time[2])
  redis.call('ZADD', log, counter, '\0n', counter, '\0f', '-' .. epoch, '\0e')
  redis.call('PEXPIRE', log, LOG_LIFETIME)
  return counter, redis.call('ZSCORE', log, '\0e')
end
