-- Bumped by "log out everywhere". A session lives as long as the generation it was made under is the current one.
local function generation_of(gate, user)
  local of_bucket, of_user = unpack(redis.call('MGET', gate, gate .. user))
  return (of_bucket or '0') .. ':' .. (user ~= '' and of_user or '0')
end
