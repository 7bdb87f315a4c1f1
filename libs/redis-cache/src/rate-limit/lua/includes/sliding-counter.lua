-- The units that are counted, and then at most 60 parts of the window, the oldest first, each with its units. A part counts until its
-- last moment has left the window.
if has_kind('slide') then
  local PARTS, SUM, PART = 58, '>I4', '>dI4'
  local SUM_BYTES, PART_BYTES = 4, 12

  local function read_part(parts, from)
    return struct.unpack(PART, parts, from)
  end

  algorithms.slide = {
    look = function(limit)
      local state = redis.call('GET', limit.key) or struct.pack(SUM, 0)
      local used, from = struct.unpack(SUM, state)
      local part_ms = math.ceil(limit.rules.window / PARTS)
      limit.part_ms, limit.part, limit.units = part_ms, math.floor(now_ms / part_ms), 0
      local till = #state + 1
      if till > from then
        local newest, units = read_part(state, till - PART_BYTES)
        -- A clock that was set back: no unit may be counted as older than the last.
        if newest >= limit.part then
          limit.part, limit.units, till = newest, units, till - PART_BYTES
        end
      end
      limit.now = math.max(now_ms, limit.part * part_ms)
      local oldest = math.floor((limit.now - limit.rules.window) / part_ms)
      while from < till do
        local part, units = read_part(state, from)
        if part >= oldest then break end
        used, from = used - units, from + PART_BYTES
      end
      -- What is stored of the parts before this one.
      limit.parts = string.sub(state, from, till - 1)
      limit.used = used
      limit.counted_in = string.format('%d', limit.part)
    end,
    wait_for = function(limit, nth)
      local left = 0
      for from = 1, #limit.parts, PART_BYTES do
        local part, units = read_part(limit.parts, from)
        left = left + units
        if left >= nth then return (part + 1) * limit.part_ms + limit.rules.window - now_ms end
      end
      return (limit.part + 1) * limit.part_ms + limit.rules.window - now_ms
    end,
    count = function(limit)
      local cost = limit.rules.cost
      local state = struct.pack(SUM, limit.used + cost) .. limit.parts .. struct.pack(PART, limit.part, limit.units + cost)
      redis.call('SET', limit.key, state, 'PX', slides_for(limit.rules, 2 * limit.part_ms, limit.now - now_ms))
    end,
    undo = function(limit, counted_in)
      local state, counted = redis.call('GET', limit.key), tonumber(counted_in or nil)
      if not state or not counted then return false end
      local used = struct.unpack(SUM, state)
      for from = SUM_BYTES + 1, #state, PART_BYTES do
        local part, units = read_part(state, from)
        if part == counted then
          local back = math.min(units, limit.rules.cost)
          local rest = units > back and struct.pack(PART, part, units - back) or ''
          local parts = string.sub(state, SUM_BYTES + 1, from - 1) .. rest .. string.sub(state, from + PART_BYTES)
          if parts == '' then return redis.call('UNLINK', limit.key) == 1 end
          redis.call('SET', limit.key, struct.pack(SUM, used - back) .. parts, 'KEEPTTL')
          return true
        end
      end
      return false
    end,
  }
end
