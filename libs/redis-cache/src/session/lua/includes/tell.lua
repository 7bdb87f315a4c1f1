-- What a client is told of a session, or of those of its fields that a packed list names: name, value, … in one string of
-- MessagePack, because each string of a reply costs more than all of this.
local function tell(session, names)
  if names == '' then return cmsgpack.pack(redis.call('HGETALL', session)) end
  local wanted, told = unpack_list(names), {}
  for at, value in ipairs(redis.call('HMGET', session, unpack(wanted))) do
    if value then
      told[#told + 1] = wanted[at]
      told[#told + 1] = value
    end
  end
  return cmsgpack.pack(told)
end
