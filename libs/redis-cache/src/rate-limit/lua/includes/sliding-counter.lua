-- A hash of at most 60 parts of the window, each with its count. A part counts until its last moment has left the window.
if has_kind(ARGV[2], 'slide') then
  local PARTS = 58

  local function parts_of(limit, now)
    local part_ms = math.ceil(limit.window / PARTS)
    local counts, newest = {}, math.floor(now / part_ms)
    local stored = redis.call('HGETALL', limit.key)
    for at = 1, #stored, 2 do
      local part = tonumber(stored[at])
      newest = math.max(newest, part)
      counts[#counts + 1] = { part = part, count = tonumber(stored[at + 1]) }
    end
    return counts, newest, part_ms
  end

  algorithms.slide = {
    is_counted = is_noted,
    look = function(limit, now)
      local counts, newest, part_ms = parts_of(limit, math.floor(now / 1000))
      limit.part, limit.part_ms = newest, part_ms
      limit.now = math.max(math.floor(now / 1000), newest * part_ms)
      local oldest = math.floor((limit.now - limit.window) / part_ms)
      limit.live, limit.dead, limit.used = {}, {}, 0
      for _, each in ipairs(counts) do
        if each.part >= oldest then
          limit.live[#limit.live + 1] = each
          limit.used = limit.used + each.count
        else
          limit.dead[#limit.dead + 1] = each.part
        end
      end
      limit.free = limit.limit - limit.used
    end,
    wait_for = function(limit, nth)
      table.sort(limit.live, function(one, other) return one.part < other.part end)
      local left = 0
      for _, each in ipairs(limit.live) do
        left = left + each.count
        if left >= nth then return (each.part + 1) * limit.part_ms + limit.window - limit.now end
      end
      -- This request itself is what leaves next.
      return (limit.part + 1) * limit.part_ms + limit.window - limit.now
    end,
    count = function(limit, id, refundable)
      if #limit.dead > 0 then redis.call('HDEL', limit.key, unpack(limit.dead)) end
      redis.call('HINCRBY', limit.key, limit.part, limit.cost)
      redis.call('PEXPIRE', limit.key, limit.window + 2 * limit.part_ms)
      note(limit, id, refundable, string.format('%d %d', limit.part, limit.cost))
    end,
    undo = function(limit, id)
      local part, cost = string.match(take_note(limit, id) or '', '^(%d+) (%d+)$')
      local count = part and redis.call('HGET', limit.key, part)
      if not count then return 0 end
      if tonumber(count) <= tonumber(cost) then return redis.call('HDEL', limit.key, part) end
      redis.call('HINCRBY', limit.key, part, -cost)
      return 1
    end,
  }
end
