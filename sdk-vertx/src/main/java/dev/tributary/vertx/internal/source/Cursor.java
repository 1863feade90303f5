package dev.tributary.vertx.internal.source;

import dev.tributary.internal.driver.Fit;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.StartAt;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * Where a source is in one partition: what is delivered ends at {@link #position}, what is here ends at {@link #readAt}. A backend that must
 * know more of a partition extends it. Event loop only.
 */
public class Cursor {
  static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /** About how many bytes a page may have. */
  private static final long PAGE_BYTES = 4 << 20;

  /** How many messages the first page has at most: how large they are is not known yet. */
  private static final int FIRST_PAGE = 16;

  /** How much longer the next page may be. */
  private static final int GROWTH = 8;

  private final int partition;
  private final boolean first;
  private final int window;
  private final long pageBytes;
  private final Fit fit;

  /** Where to begin; null once that is known as an offset. */
  @Nullable StartAt start;
  private long position;
  long readAt;
  /** The last message that is here; before the position if none is. */
  private long here = -1;
  /** Whether the position may lie ahead of what there is. */
  boolean ahead;
  /** Whether something was delivered since it was told to go elsewhere: then what is before the position was there. */
  boolean delivered;
  /** Whether it goes on elsewhere because the server refused the position, and delivered nothing since. */
  boolean elsewhere;
  /** How often it was told to go elsewhere. */
  int moves;
  boolean paused;
  /** Whether it is about to be handed over. */
  boolean revoking;
  /** Whether it waits for a look at its position. */
  boolean looking;
  @Nullable CompletableFuture<?> call;
  /** How many messages the call asks for. */
  int asked;
  TimeSource.@Nullable Timer idle;
  private Duration pause = SHORTEST_PAUSE;
  private int page;

  /**
   * At the place where the source is to start.
   *
   * @param first whether it came with the first assignment
   */
  protected Cursor(PagedSource source, int partition, boolean first) {
    this.partition = partition;
    this.first = first;
    this.start = source.spec().start();
    this.window = source.window();
    this.pageBytes = Math.min(PAGE_BYTES, source.network().config().maxMessageBytes());
    this.fit = new Fit(source.largest());
    this.page = Math.min(FIRST_PAGE, window);
  }

  /** The partition. */
  public final int partition() {
    return partition;
  }

  /** Whether it came with the first assignment. */
  public final boolean first() {
    return first;
  }

  /** The offset to deliver next: where a session begins. */
  public final long position() {
    return position;
  }

  /** The offset to read next; what lies between is here already. */
  public final long readAt() {
    return readAt;
  }

  /** How many messages fit into so many bytes. */
  public final long fits(long bytes) {
    return fit.in(bytes);
  }

  // What a backend may have to know.

  /** What came from {@link #readAt} on. */
  protected void passed(Page read) {}

  /** Whether so much is open behind the position that reading must wait. */
  protected boolean full() {
    return false;
  }

  /** This one goes to the observer; the position is still the one before. */
  protected void delivering(long offset) {}

  /** It reads on elsewhere. */
  protected void moved() {}

  /** It leaves what is under way, and reads on at its position. */
  protected void rested() {}

  /** It goes on after a rest. */
  protected void woken() {}

  // What its source does with it.

  final boolean readable() {
    return start == null && !paused && !revoking && !looking && call == null && idle == null && !full();
  }

  final int page(int most, long bytes) {
    return (int) Math.max(1, Math.min(Math.min(most, page), fit.in(bytes)));
  }

  final void saw(long bytes) {
    fit.saw(bytes);
  }

  /** Longer pages after one that was small, else none that are longer. */
  final void learn(Page read) {
    int size = read.messages().size();
    long bytes = read.bytes();
    long longer = Math.min(GROWTH, pageBytes / Math.max(1, bytes));
    page =
        longer >= 2
            ? (int) Math.max(page, Math.min(window, longer * size))
            : (int) Math.max(1, Math.min(Math.min(page, size), size * pageBytes / bytes));
    pause = SHORTEST_PAUSE;
  }

  final void delivered(long offset) {
    delivering(offset);
    ahead = false;
    delivered = true;
    elsewhere = false;
    position = Math.max(position, offset + 1);
  }

  final void here(long offset) {
    here = offset;
  }

  /** Goes on behind what was read and holds no message that is still to be delivered; false if there is nothing like that. */
  final boolean pass() {
    if (here >= position || readAt <= position || start != null) {
      return false;
    }
    ahead = false;
    delivered = true;
    elsewhere = false;
    position = readAt;
    return true;
  }

  final void moveTo(long offset, boolean mayWait) {
    moves++;
    ahead = mayWait;
    delivered = false;
    elsewhere = false;
    moved();
    start = null;
    position = offset;
    readAt = offset;
  }

  final void rest() {
    if (idle != null) {
      idle.cancel();
      idle = null;
    }
    looking = false;
    here = -1;
    rested();
    pause = SHORTEST_PAUSE;
    readAt = position;
  }

  final void wake() {
    if (!paused) {
      woken();
    }
  }

  /** How long to wait before it is looked again: each time longer. */
  final Duration pause() {
    Duration now = pause;
    pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
    return now;
  }
}
