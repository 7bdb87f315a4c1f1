-- A list of byte strings as one argument: the length of each in four bytes, then the string.
local function unpack_list(packed)
  local list, at = {}, 1
  while at <= #packed do
    list[#list + 1], at = struct.unpack('>I4c0', packed, at)
  end
  return list
end
