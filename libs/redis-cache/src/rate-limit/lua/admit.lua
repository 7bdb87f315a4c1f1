-- Counts requests that are within their one limit and new, each for itself. Of all others it says nothing and counts nothing:
-- those are for consume.lua, whose rules these are.
-- KEYS[1] state of the first request's limit; the states of all others lie in the same hash slot, or there is one server
-- ARGV[1] of each request "kind limit window cost burst noted", empty when it is that of the request before, NUL, "id key", NUL;
-- the first key is empty, it is KEYS[1]; kind: log (of cost 1) | fixed | gcra, window in ms, noted: ms for which
-- its note is kept
-- Reply: a text, of each request "units left:ms until one more unit is left", or "-" for those it has left alone.
-- @include clock
local now = now_us()
local now_ms = math.floor(now / 1000)
-- Numbers become texts at a price: these are the same for all.
local now_text, now_ms_text = string.format('%.0f', now), string.format('%.0f', now_ms)

-- What was counted, or given up, is noted under its id: then this is not new.
local function note(key, id, what, rules)
  return redis.call('SET', key .. ':' .. id, what, 'PX', rules.noted, 'NX')
end

local admit = {}

function admit.fixed(key, id, rules)
  local used, start = string.match(redis.call('GET', key) or '', '^(%d+) (%d+)$')
  local ends_in = start and start + rules.window - now_ms or 0
  if ends_in <= 0 then
    used, start, ends_in = 0, now_ms_text, rules.window
  end
  used = used + rules.cost
  if used > rules.limit or not note(key, id, rules.cost_text .. ' ' .. start, rules) then return end
  local ends_in_text = tostring(ends_in)
  redis.call('SET', key, used .. ' ' .. start, 'PX', ends_in_text)
  return rules.limit - used .. ':' .. ends_in_text
end

function admit.gcra(key, id, rules)
  local limit, window = rules.limit, rules.window
  local level, at = string.match(redis.call('GET', key) or '', '^(%d+) (%d+)$')
  local later = math.max(now_ms, tonumber(at or 0))
  level = (level and math.max(0, level - (later - at) * limit) or 0) + rules.cost * window
  local left = math.floor((rules.burst * window - level) / window)
  if left < 0 or not note(key, id, rules.cost_text, rules) then return end
  local drained_in = math.max(1, math.ceil(level / math.max(1, limit)))
  redis.call('SET', key, string.format('%d %d', level, later), 'PX', tostring(drained_in))
  local next_in = math.max(1, math.ceil((level - (rules.burst - left - 1) * window) / math.max(1, limit)))
  return left .. ':' .. next_in
end

function admit.log(key, id, rules)
  local used, oldest = redis.call('ZCARD', key), now
  if used > 0 then
    oldest = tonumber(redis.call('ZRANGE', key, '0', '0', 'WITHSCORES')[2])
    if oldest <= now - rules.window * 1000 then
      used = used - redis.call('ZREMRANGEBYSCORE', key, '-inf', string.format('%.0f', now - rules.window * 1000))
      oldest = tonumber(redis.call('ZRANGE', key, '0', '0', 'WITHSCORES')[2] or now)
    end
  end
  local left = rules.limit - used - 1
  if left < 0 or redis.call('EXISTS', key .. ':' .. id) == 1 then return end
  -- A clock that was set back: no unit may be counted as older than the last.
  if used > 0 and redis.call('ZCOUNT', key, '(' .. now_text, '+inf') > 0 then return end
  if redis.call('ZADD', key, 'NX', now_text, id) == 0 then return end
  redis.call('PEXPIREAT', key, rules.window_ends)
  return left .. ':' .. math.ceil((oldest + rules.window * 1000 - now) / 1000)
end

local function read_rules(described)
  local kind, limit, window, cost, burst, noted = string.match(described, '(%a+) (%d+) (%d+) (%d+) (%d+) (%d+)')
  return {
    admit = admit[kind], limit = tonumber(limit), window = tonumber(window),
    window_ends = string.format('%.0f', now_ms + window + 2), cost = tonumber(cost), cost_text = cost,
    burst = tonumber(burst), noted = noted,
  }
end

local rules
local replies = {}
for described, id, key in string.gmatch(ARGV[1], '(%Z*)%z(%S+) (%Z*)%z') do
  if described ~= '' then rules = read_rules(described) end
  replies[#replies + 1] = rules.admit(key ~= '' and key or KEYS[1], id, rules) or '-'
end
return table.concat(replies, ' ')
