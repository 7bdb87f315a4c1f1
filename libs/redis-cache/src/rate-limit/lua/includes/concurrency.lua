-- One member for each slot that is taken, its score the microsecond in which it is given up, whoever has died.
if has_kind(ARGV[2], 'slots') then
  algorithms.slots = {
    is_counted = function(limit, id)
      return redis.call('ZSCORE', limit.key, id) ~= false or is_noted(limit, id)
    end,
    look = function(limit, now)
      limit.now = now
      redis.call('ZREMRANGEBYSCORE', limit.key, '-inf', now)
      limit.used = redis.call('ZCARD', limit.key)
      limit.free = limit.limit - limit.used
    end,
    -- Nobody knows when a request will end: the caller may ask again in a second, or when the slot is given up.
    wait_for = function(limit, nth)
      local given_up = tonumber(redis.call('ZRANGE', limit.key, nth - 1, nth - 1, 'WITHSCORES')[2])
      return math.min(1000, math.ceil((given_up - limit.now) / 1000))
    end,
    count = function(limit, id)
      local given_up, scored = limit.now + limit.window * 1000, {}
      for _, member in ipairs(members_of(limit, id)) do
        scored[#scored + 1] = given_up
        scored[#scored + 1] = member
      end
      redis.call('ZADD', limit.key, unpack(scored))
      redis.call('PEXPIREAT', limit.key, math.ceil(last_score(limit.key) / 1000) + 1)
    end,
    undo = remove_members,
  }
end
