package dev.tributary.examples.bench;

/** What all subjects use. */
final class Names {
  static final String TENANT = "default";
  static final String NAMESPACE = "default";
  static final String STREAM = "bench-events";
  static final String QUEUE = "bench-jobs";
  static final String STORE = "bench-state";
  static final String KEY = "key";

  private Names() {}
}
