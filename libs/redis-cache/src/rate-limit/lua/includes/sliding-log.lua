-- One member for each unit, its score the microsecond in which it was counted. Counted in a window (now - window, now].
if has_kind(ARGV[2], 'log') then
  algorithms.log = {
    is_counted = function(limit, id)
      return redis.call('ZSCORE', limit.key, id) ~= false or is_noted(limit, id)
    end,
    look = function(limit, now)
      limit.now = math.max(now, last_score(limit.key))
      redis.call('ZREMRANGEBYSCORE', limit.key, '-inf', limit.now - limit.window * 1000)
      limit.used = redis.call('ZCARD', limit.key)
      limit.free = limit.limit - limit.used
    end,
    -- When the unit that is in the way leaves the window. @param nth 1 = the oldest
    wait_for = function(limit, nth)
      local counted_at = tonumber(redis.call('ZRANGE', limit.key, nth - 1, nth - 1, 'WITHSCORES')[2])
      return math.ceil((counted_at + limit.window * 1000 - limit.now) / 1000)
    end,
    count = function(limit, id)
      local scored = {}
      for _, member in ipairs(members_of(limit, id)) do
        scored[#scored + 1] = limit.now
        scored[#scored + 1] = member
      end
      redis.call('ZADD', limit.key, unpack(scored))
      redis.call('PEXPIREAT', limit.key, math.ceil(limit.now / 1000) + limit.window + 1)
    end,
    undo = remove_members,
  }
end
