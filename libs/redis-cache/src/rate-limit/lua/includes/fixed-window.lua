-- 8 bytes for the units of a window, 8 for the millisecond of its first request, with which it begins.
if has_kind('fixed') then
  local function pack_window(used, packed_start)
    return struct.pack('>d', used) .. packed_start
  end

  algorithms.fixed = {
    look = function(limit)
      local window = redis.call('GET', limit.key)
      if window then
        limit.used, limit.start = struct.unpack('>dd', window)
        limit.counted_in = string.sub(window, 9)
      end
      limit.is_new = not window or now_ms - limit.start >= limit.rules.window
      if limit.is_new then
        limit.used, limit.start, limit.counted_in = 0, now_ms, struct.pack('>d', now_ms)
      end
    end,
    wait_for = function(limit)
      return limit.start + limit.rules.window - now_ms
    end,
    count = function(limit)
      local window = pack_window(limit.used + limit.rules.cost, limit.counted_in)
      if limit.is_new then
        redis.call('SET', limit.key, window, 'PX', limit.rules.window)
      else
        redis.call('SET', limit.key, window, 'KEEPTTL')
      end
    end,
    undo = function(limit, counted_in)
      local window = redis.call('GET', limit.key)
      if not window or string.sub(window, 9) ~= counted_in then return false end
      local used = math.max(0, struct.unpack('>d', window) - limit.rules.cost)
      redis.call('SET', limit.key, pack_window(used, counted_in), 'KEEPTTL')
      return true
    end,
  }
end
