package dev.tributary.internal.driver;

/** How many items there is room for, if those that come are like those that came. */
public final class Fit {
  private final long largest;
  private long typical;

  /** Of items of which nothing is known but that none is larger than this. */
  public Fit(long largest) {
    this.largest = largest;
  }

  /** One of this size came. A large one counts for long, because one that is too large costs more than one that is too small. */
  public void saw(long bytes) {
    typical = Math.max(bytes, typical - typical / 8);
  }

  /** How many go into so many bytes: at least one, unless there is no room at all. */
  public long in(long bytes) {
    return bytes <= 0 ? 0 : Math.max(1, bytes / (typical == 0 ? largest : typical));
  }
}
