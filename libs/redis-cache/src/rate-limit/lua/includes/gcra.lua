-- 8 bytes for a level, 8 for its millisecond: what has not yet drained away. A unit is `window` high and `limit` drain away each
-- millisecond, so that all numbers are whole: the same decisions as GCRA with its theoretical arrival time.
if has_kind('gcra') then
  local function read_level(limit)
    local stored = redis.call('GET', limit.key)
    limit.level, limit.now = 0, now_ms
    if not stored then return false end
    local level, at = struct.unpack('>dd', stored)
    limit.now = math.max(now_ms, at)
    limit.level = math.max(0, level - (limit.now - at) * limit.rules.limit)
    return true
  end

  local function write_level(limit)
    if limit.level == 0 then return redis.call('UNLINK', limit.key) end
    local drained_in = math.max(1, math.ceil(limit.level / math.max(1, limit.rules.limit)))
    redis.call('SET', limit.key, struct.pack('>dd', limit.level, limit.now), 'PX', drained_in)
  end

  algorithms.gcra = {
    look = function(limit)
      read_level(limit)
      limit.used = math.ceil(limit.level / limit.rules.window)
    end,
    -- Until so many more units are free than now. Nothing drains before a clock that was set back has caught up.
    wait_for = function(limit, units)
      local target = (limit.used - units) * limit.rules.window
      return limit.now - now_ms + math.ceil((limit.level - target) / math.max(1, limit.rules.limit))
    end,
    count = function(limit)
      limit.level = limit.level + limit.rules.cost * limit.rules.window
      write_level(limit)
    end,
    undo = function(limit, counted_in)
      if not counted_in or not read_level(limit) then return false end
      limit.level = math.max(0, limit.level - limit.rules.cost * limit.rules.window)
      write_level(limit)
      return true
    end,
  }
end
