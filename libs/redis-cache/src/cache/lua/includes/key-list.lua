-- Several keys as one argument: each preceded by its length as 4 bytes.
local function each_key(keys)
  local at = 1
  return function()
    if at > #keys then return nil end
    local length = struct.unpack('>I4', keys, at)
    local key = string.sub(keys, at + 4, at + 3 + length)
    at = at + 4 + length
    return key
  end
end
