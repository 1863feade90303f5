package dev.tributary.testkit.contract;

import dev.tributary.Capability;
import dev.tributary.testkit.server.Quirk;

/**
 * FlyMQ's servers as they are met. What one does not do is said not to be there, so that its cases are skipped; that the driver refuses it is tested
 * apart.
 */
final class FlyMqGuises {
  private static final Capability[] UNHEEDED = {Capability.EVENT_PARTITION, Capability.EVENT_TTL};

  private static final Capability[] FEATURES = {
    Capability.EVENT_DELAY,
    Capability.TRANSACTIONS,
    Capability.STREAM_DEAD_LETTERS,
    Capability.DEAD_LETTER_REPLAY,
    Capability.DEAD_LETTER_PURGE,
    Capability.DEAD_LETTER_ADD
  };

  private FlyMqGuises() {}

  /** A public one whose operator switched its features on. */
  static Backend shipped() {
    return WireBackend.withFaults("flymq", Quirk.SHIPPED_FLYMQ).lacking(UNHEEDED);
  }

  /** The same on the system's time. */
  static Backend shippedOnSystemTime() {
    return WireBackend.onSystemTime("flymq", Quirk.SHIPPED_FLYMQ).lacking(UNHEEDED);
  }

  /** One whose operator asked for none of its features. */
  static Backend featureless() {
    return WireBackend.withFaults("flymq", Quirk.FLYMQ_FEATURES_OFF).lacking(FEATURES);
  }

  /** The same on the system's time. */
  static Backend featurelessOnSystemTime() {
    return WireBackend.onSystemTime("flymq", Quirk.FLYMQ_FEATURES_OFF).lacking(FEATURES);
  }
}
