local function data_size(name, value)
  return #name + #value
end

-- Writes fields and removes others, unless the session would become too large. Returns its size, and whether it fits.
local function write_fields(session, set, unset, max_size)
  local size = tonumber(redis.call('HGET', session, 'size') or '0')
  local changed = {}
  for at = 1, #set, 2 do changed[set[at]] = data_size(set[at], set[at + 1]) end
  for _, name in ipairs(unset) do changed[name] = 0 end
  for name, bytes in pairs(changed) do
    local old = redis.call('HSTRLEN', session, 'd:' .. name)
    if old > 0 then size = size - #name - old end
    size = size + bytes
  end
  if size > max_size and #set > 0 then return size, false end

  for _, name in ipairs(unset) do redis.call('HDEL', session, 'd:' .. name) end
  for at = 1, #set, 2 do redis.call('HSET', session, 'd:' .. set[at], set[at + 1]) end
  redis.call('HSET', session, 'size', size)
  return size, true
end
