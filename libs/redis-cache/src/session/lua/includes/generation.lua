-- Bumped by "log out everywhere". A session lives as long as the generation it was made under is the current one.
local function generation_of(gate, user)
  local of_user = user ~= '' and redis.call('GET', gate .. user)
  return (redis.call('GET', gate) or '0') .. ':' .. (of_user or '0')
end
