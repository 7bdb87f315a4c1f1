-- Needs: clock, tags, tag-log. What must settle, because a replica of the source may lag behind, is noted in the tag log
-- as "s" .. "k" .. key or "s" .. "t" .. tag, scored by the time in ms at which it has settled. By rank these notes lie
-- between the epoch and the floor. They are kept for longer than any load that may have begun before their end.
local SETTLING_KEPT_FOR, HIGHEST_TIME = 120000, 100000000000000

local function note_settling(log, what, ends)
  -- The longer of two counts.
  redis.call('ZADD', log, 'GT', ends, 's' .. what)
end

local function forget_settled(log, now)
  redis.call('ZREMRANGEBYSCORE', log, 0, now - SETTLING_KEPT_FOR)
end

-- Whether what was read from the source at a time may be older than an invalidation.
local function was_settling(log, key, tags, time)
  local ends = redis.call('ZSCORE', log, 'sk' .. key)
  if ends and tonumber(ends) > time then return true end
  for tag in each_tag(tags) do
    ends = redis.call('ZSCORE', log, 'st' .. tag)
    if ends and tonumber(ends) > time then return true end
  end
  return false
end
