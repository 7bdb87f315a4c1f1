-- "used start": the units of a window that begins with its first request.
if has_kind(ARGV[2], 'fixed') then
  local function read_window(limit)
    local used, start = string.match(redis.call('GET', limit.key) or '', '^(%d+) (%d+)$')
    return tonumber(used or 0), tonumber(start)
  end

  algorithms.fixed = {
    is_counted = is_noted,
    look = function(limit, now)
      local used, start = read_window(limit)
      limit.now = math.floor(now / 1000)
      if not start or limit.now - start >= limit.window then
        used, start = 0, limit.now
      end
      limit.used, limit.start, limit.free = used, start, limit.limit - used
    end,
    wait_for = function(limit)
      return limit.start + limit.window - limit.now
    end,
    count = function(limit, id, refundable)
      local window = string.format('%d %d', limit.used + limit.cost, limit.start)
      redis.call('SET', limit.key, window, 'PX', limit.start + limit.window - limit.now)
      note(limit, id, refundable, string.format('%d %d', limit.cost, limit.start))
    end,
    undo = function(limit, id)
      local cost, counted_in = string.match(take_note(limit, id) or '', '^(%d+) (%d+)$')
      local used, start = read_window(limit)
      if not cost or not start or start ~= tonumber(counted_in) then return 0 end
      local window = string.format('%d %d', math.max(0, used - tonumber(cost)), start)
      redis.call('SET', limit.key, window, 'KEEPTTL')
      return 1
    end,
  }
end
