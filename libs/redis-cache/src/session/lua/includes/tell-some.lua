-- As `tell`, but only of those fields that a packed list names.
local function tell_some(session, names)
  local wanted, told = unpack_list(names), {}
  for at, value in ipairs(redis.call('HMGET', session, unpack(wanted))) do
    if value then
      told[#told + 1] = wanted[at]
      told[#told + 1] = value
    end
  end
  return cmsgpack.pack(told)
end
