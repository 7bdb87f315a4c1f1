-- "level at": what has not yet drained away. A unit is `window` high and `limit` drain away each millisecond, so that all
if has_kind(ARGV[2], 'gcra') then
  -- numbers are whole: the same decisions as GCRA with its theoretical arrival time.
  local function level_of(limit, now_ms)
    local level, at = string.match(redis.call('GET', limit.key) or '', '^(%d+) (%d+)$')
    if not level then return 0, now_ms end
    limit.at = math.max(now_ms, tonumber(at))
    return math.max(0, tonumber(level) - (limit.at - tonumber(at)) * limit.limit), limit.at
  end

  local function write_level(limit)
    if limit.level == 0 then return redis.call('UNLINK', limit.key) end
    local state = string.format('%d %d', limit.level, limit.now)
    redis.call('SET', limit.key, state, 'PX', math.max(1, math.ceil(limit.level / math.max(1, limit.limit))))
  end

  algorithms.gcra = {
    is_counted = is_noted,
    look = function(limit, now)
      limit.level, limit.now = level_of(limit, math.floor(now / 1000))
      limit.free = math.floor((limit.burst * limit.window - limit.level) / limit.window)
      limit.used = math.max(0, limit.burst - limit.free)
    end,
    -- Until so many more units are free than now.
    wait_for = function(limit, units)
      local target = (limit.burst - limit.free - units) * limit.window
      return math.ceil((limit.level - target) / math.max(1, limit.limit))
    end,
    count = function(limit, id, refundable)
      limit.level = limit.level + limit.cost * limit.window
      write_level(limit)
      note(limit, id, refundable, limit.cost)
    end,
    undo = function(limit, id, now)
      local cost = tonumber(take_note(limit, id) or 0)
      if cost == 0 or redis.call('EXISTS', limit.key) == 0 then return 0 end
      local level
      level, limit.now = level_of(limit, math.floor(now / 1000))
      limit.level = math.max(0, level - cost * limit.window)
      write_level(limit)
      return 1
    end,
  }
end
