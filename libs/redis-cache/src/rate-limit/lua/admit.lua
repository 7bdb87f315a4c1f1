-- Counts requests that are within their one limit and new, each for itself. Of all others it says nothing and counts nothing:
-- those are for consume.lua, whose rules these are.
-- KEYS[1] state of the first request's limit; the states of all others lie in the same hash slot, or there is one server
-- ARGV[1] of each request "kind limit window cost burst noted id key" and NUL; kind: log (of cost 1) | fixed | gcra,
-- window in ms, noted: ms for which its note is kept
-- Reply: a text, of each request "units left:ms until one more unit is left", or "-" for those it has left alone.
-- @include clock
local now = now_us()
local now_ms = math.floor(now / 1000)

-- What was counted, or given up, is noted under its id: then this is not new.
local function note(request, what)
  return redis.call('SET', request.key .. ':' .. request.id, what, 'PX', request.noted, 'NX')
end

local admit = {}

function admit.fixed(request)
  local window, cost = tonumber(request.window), tonumber(request.cost)
  local used, start = string.match(redis.call('GET', request.key) or '', '^(%d+) (%d+)$')
  if not start or now_ms - start >= window then
    used, start = 0, now_ms
  end
  local left, ends_in = request.limit - used - cost, start + window - now_ms
  if left < 0 or not note(request, request.cost .. ' ' .. start) then return end
  redis.call('SET', request.key, used + cost .. ' ' .. start, 'PX', tostring(ends_in))
  return left, ends_in
end

function admit.gcra(request)
  local limit, window = tonumber(request.limit), tonumber(request.window)
  local level, at = string.match(redis.call('GET', request.key) or '', '^(%d+) (%d+)$')
  local later = math.max(now_ms, at and tonumber(at) or 0)
  level = (level and math.max(0, level - (later - at) * limit) or 0) + request.cost * window
  local left = math.floor((request.burst * window - level) / window)
  if left < 0 or not note(request, request.cost) then return end
  local drained_in = math.max(1, math.ceil(level / math.max(1, limit)))
  redis.call('SET', request.key, string.format('%d %d', level, later), 'PX', tostring(drained_in))
  local target = (request.burst - left - 1) * window
  return left, math.max(1, math.ceil((level - target) / math.max(1, limit)))
end

function admit.log(request)
  local key, window = request.key, tonumber(request.window)
  local used = redis.call('ZCARD', key)
  local oldest = now
  if used > 0 then
    oldest = tonumber(redis.call('ZRANGE', key, '0', '0', 'WITHSCORES')[2])
    if oldest <= now - window * 1000 then
      used = used - redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - window * 1000))
      oldest = tonumber(redis.call('ZRANGE', key, '0', '0', 'WITHSCORES')[2] or now)
    end
    -- Of a clock that was set back.
    if used > 0 and tonumber(redis.call('ZRANGE', key, '-1', '-1', 'WITHSCORES')[2]) > now then return end
  end
  local left = request.limit - used - 1
  if left < 0 or redis.call('EXISTS', key .. ':' .. request.id) == 1 then return end
  if redis.call('ZADD', key, 'NX', string.format('%.0f', now), request.id) == 0 then return end
  redis.call('PEXPIREAT', key, tostring(now_ms + window + 2))
  return left, math.ceil((oldest + window * 1000 - now) / 1000)
end

local replies = {}
for kind, limit, window, cost, burst, noted, id, key in
  string.gmatch(ARGV[1], '(%a+) (%d+) (%d+) (%d+) (%d+) (%d+) (%S+) (%Z+)') do
  local left, next_ms = admit[kind]({
    key = key, id = id, limit = limit, window = window, cost = cost, burst = burst, noted = noted,
  })
  replies[#replies + 1] = left and left .. ':' .. next_ms or '-'
end
return table.concat(replies, ' ')
