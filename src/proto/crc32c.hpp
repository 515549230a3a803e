// CRC-32C (Castagnoli), the checksum of durable bytes.
#ifndef PATRON_PROTO_CRC32C_HPP_
#define PATRON_PROTO_CRC32C_HPP_

#include <cstdint>
#include <string_view>

namespace patron::proto {

// The checksum of `bytes` after those whose checksum is `before`; 0 for none.
// Cost: O(n), eight bytes a step.
uint32_t Crc32c(std::string_view bytes, uint32_t before = 0);

}  // namespace patron::proto

#endif  // PATRON_PROTO_CRC32C_HPP_
