-- One member for each slot that is taken, its score the microsecond in which it is given up, whoever has died.
if has_kind('slots') then
  -- One for each unit of the request's cost. One by one: a command of Lua has no more than some thousand arguments.
  local function for_each_member(limit, take)
    local id = limit.rules.group .. limit.number
    for unit = 1, limit.rules.cost do take(unit == 1 and id or id .. ':' .. unit) end
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
      local given_up = now + limit.rules.window * 1000
      for_each_member(limit, function(member) redis.call('ZADD', limit.key, given_up, member) end)
      redis.call('PEXPIREAT', limit.key, math.ceil(given_up_at(limit, -1, -1) / 1000) + 1)
    end,
    undo = function(limit)
      local given_back = 0
      for_each_member(limit, function(member) given_back = given_back + redis.call('ZREM', limit.key, member) end)
      return given_back > 0
    end,
  }
end
