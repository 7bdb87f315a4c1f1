-- 8 bytes for each unit, the oldest first: the microsecond in which it was counted. Counted in a window (now - window, now].
if has_kind('log') then
  local function counted_at(units, nth)
    return (struct.unpack('>d', units, 8 * nth - 7))
  end

  algorithms.log = {
    look = function(limit)
      local units = redis.call('GET', limit.key) or ''
      local stored = #units / 8
      -- A clock that was set back: no unit may be counted as older than the last.
      limit.now = stored > 0 and math.max(now, counted_at(units, stored)) or now
      local window_began, gone = limit.now - limit.rules.window * 1000, 0
      while gone < stored and counted_at(units, gone + 1) <= window_began do gone = gone + 1 end
      limit.units = gone > 0 and string.sub(units, 8 * gone + 1) or units
      limit.used = stored - gone
      limit.counted_in = struct.pack('>d', limit.now)
    end,
    -- When the unit that is in the way leaves the window, by the clock as it is. @param nth 1 = the oldest
    wait_for = function(limit, nth)
      return math.ceil((counted_at(limit.units, nth) + limit.rules.window * 1000 - now) / 1000)
    end,
    count = function(limit)
      limit.units = limit.units .. string.rep(limit.counted_in, limit.rules.cost)
      redis.call('SET', limit.key, limit.units, 'PX', slides_for(limit.rules, 2, math.ceil((limit.now - now) / 1000)))
    end,
    undo = function(limit, counted_in)
      local units = redis.call('GET', limit.key) or ''
      local kept, left = {}, counted_in and limit.rules.cost or 0
      for at = 1, #units, 8 do
        local each = string.sub(units, at, at + 7)
        if left > 0 and each == counted_in then
          left = left - 1
        else
          kept[#kept + 1] = each
        end
      end
      if 8 * #kept == #units then return false end
      if #kept == 0 then return redis.call('UNLINK', limit.key) == 1 end
      redis.call('SET', limit.key, table.concat(kept), 'KEEPTTL')
      return true
    end,
  }
end
