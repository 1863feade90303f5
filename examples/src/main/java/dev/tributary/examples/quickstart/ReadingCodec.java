package dev.tributary.examples.quickstart;

import dev.tributary.codec.Codec;
import dev.tributary.codec.json.JsonCodec;

/** Readings travel as JSON. */
public final class ReadingCodec {
  /** The one codec of the pipeline. */
  public static final Codec<Reading> JSON = JsonCodec.of(Reading.class);

  private ReadingCodec() {}
}
