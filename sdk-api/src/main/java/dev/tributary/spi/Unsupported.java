package dev.tributary.spi;

import dev.tributary.Capability;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.UnsupportedFeatureException;
import java.util.Locale;

/**
 * What an optional method of a role does where it is not overridden. The client asks for the capability first, and says then what to use
 * instead; so this is met by those who call a transport themselves, and by a transport that declares more than it has.
 */
final class Unsupported {
  private Unsupported() {}

  static UnsupportedFeatureException without(Capability capability) {
    return new UnsupportedFeatureException(
        ErrorInfo.of(
            "this backend has no " + capability.name().toLowerCase(Locale.ROOT).replace('_', ' '), "Look at its capabilities before the call"));
  }
}
