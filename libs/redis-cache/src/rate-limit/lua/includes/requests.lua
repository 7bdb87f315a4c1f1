-- Requests as they are described in a text, of each limit: rules NUL number NUL. The state of the nth limit is KEYS[nth + 1].
-- Rules: "kind limit window cost burst", window in ms; empty for those of the limit before. kind: log | slide | fixed | gcra | slots.
-- Number: ".number" of the request in its group, and behind it "/place" of the limit in the request, if it is not the first.
-- What a request was counted in is noted, in a hash for each group, so that it counts once and can be taken back.
local now = now_us()
local now_ms = math.floor(now / 1000)
local algorithms = {}

-- Only what these requests need is made: a script is run from its first line each time.
local function has_kind(kind)
  return string.find(ARGV[1], kind, 1, true) ~= nil
end

local function read_rules(text, group)
  local kind, limit, window, cost, burst = string.match(text, '(%a+) (%d+) (%d+) (%d+) (%d+)')
  return {
    algorithm = algorithms[kind],
    limit = tonumber(limit),
    window = tonumber(window),
    cost = tonumber(cost),
    capacity = tonumber(kind == 'gcra' and burst or limit),
    group = group,
  }
end

-- At least for so long, and a little longer, so that it need not be said each time.
local function keep_notes(notes, noted_for)
  if redis.call('PTTL', notes) < noted_for then redis.call('PEXPIRE', notes, noted_for + 10000) end
end

-- For how long a window slides on whose last unit has just been counted. @param longer ms it is kept beyond its end
-- @param ahead ms by which that unit is ahead of a clock that was set back
local function slides_for(rules, longer, ahead)
  if ahead > 0 then return rules.window + longer + ahead end
  -- A number becomes a text at a price: this is the same for all.
  rules.slides_for = rules.slides_for or string.format('%d', rules.window + longer)
  return rules.slides_for
end

-- A list of requests, each a list of its limits; and the fields under which they are noted, of all limits in turn.
local function read_requests(text, group)
  local requests, fields, request, rules, nth = {}, {}, nil, nil, 0
  for rules_text, number, place in string.gmatch(text, '(%Z*)%z([^%z/]*)(%Z*)%z') do
    if rules_text ~= '' then rules = read_rules(rules_text, group) end
    nth = nth + 1
    fields[nth] = number .. place
    local limit = {
      key = KEYS[nth + 1],
      rules = rules,
      number = number,
      nth = nth,
      used = 0,
      wait = 0,
      next_unit = 0,
      counted_in = '',
    }
    if place == '' or not request then
      request = { limit }
      requests[#requests + 1] = request
    else
      request[#request + 1] = limit
    end
  end
  return requests, fields
end
