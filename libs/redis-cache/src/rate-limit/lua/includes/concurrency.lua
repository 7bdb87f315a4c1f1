-- One member for each slot that is taken, its score the microsecond in which it is given up, whoever has died.
if has_kind('slots') then
  -- One for each unit of the request's cost.
  local function members_of(limit)
    local id = ARGV[4] .. limit.number
    local members = { id }
    for unit = 2, limit.rules.cost do members[unit] = id .. ':' .. unit end
    return members
  end

  local function given_up_at(limit, from, to)
    return tonumber(redis.call('ZRANGE', limit.key, from, to, 'WITHSCORES')[2])
  end

  algorithms.slots = {
    look = function(limit)
      redis.call('ZREMRANGEBYSCORE', limit.key, '-inf', now)
      limit.used = redis.call('ZCARD', limit.key)
    end,
    -- Nobody knows when a request will end: the caller may ask again in a second, or when the slot is given up.
    wait_for = function(limit, nth)
      return math.min(1000, math.ceil((given_up_at(limit, nth - 1, nth - 1) - now) / 1000))
    end,
    count = function(limit)
      local given_up, scored = now + limit.rules.window * 1000, {}
      for _, member in ipairs(members_of(limit)) do
        scored[#scored + 1] = given_up
        scored[#scored + 1] = member
      end
      redis.call('ZADD', limit.key, unpack(scored))
      redis.call('PEXPIREAT', limit.key, math.ceil(given_up_at(limit, -1, -1) / 1000) + 1)
    end,
    undo = function(limit)
      return redis.call('ZREM', limit.key, unpack(members_of(limit))) > 0
    end,
  }
end
