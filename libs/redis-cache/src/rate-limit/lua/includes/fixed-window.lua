-- "used start": the units of a window that begins with its first request.
if has_kind('fixed') then
  local function read_window(limit)
    return string.match(redis.call('GET', limit.key) or '', '^(%d+) (%d+)$')
  end

  algorithms.fixed = {
    look = function(limit)
      local used, start = read_window(limit)
      limit.is_new = not start or now_ms - start >= limit.rules.window
      if limit.is_new then
        used, start = 0, string.format('%d', now_ms)
      end
      limit.used = tonumber(used)
      limit.counted_in = start
    end,
    wait_for = function(limit)
      return limit.counted_in + limit.rules.window - now_ms
    end,
    count = function(limit)
      local window = limit.used + limit.rules.cost .. ' ' .. limit.counted_in
      if limit.is_new then
        redis.call('SET', limit.key, window, 'PX', limit.rules.window)
      else
        redis.call('SET', limit.key, window, 'KEEPTTL')
      end
    end,
    undo = function(limit, counted_in)
      local used, start = read_window(limit)
      if not start or start ~= counted_in then return false end
      redis.call('SET', limit.key, math.max(0, used - limit.rules.cost) .. ' ' .. start, 'KEEPTTL')
      return true
    end,
  }
end
