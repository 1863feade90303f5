package dev.tributary.vertx.internal.goqueue;

import dev.tributary.error.ConflictException;
import dev.tributary.error.ConnectionFailedException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.ServerErrorException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.Deadline;
import dev.tributary.spi.SourceObserver;
import dev.tributary.spi.StreamSource;
import dev.tributary.spi.SubscribeSpec;
import dev.tributary.spi.TimeSource;
import dev.tributary.stream.DelayedEvent;
import dev.tributary.stream.Message;
import dev.tributary.stream.StartAt;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.ResumingSource;
import dev.tributary.vertx.internal.net.Steps;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * A subscription: pages of every partition, from a place that is kept here. The group, if there is one, only says which partitions and keeps
 * what was committed, so that nothing of how the server hands out leases comes in between. Where nothing comes, it is looked again after a
 * pause that grows.
 */
final class GoQueueSource extends ResumingSource<Message<byte[]>> implements StreamSource, Membership.Listener {
  /** How many partitions are read at a time. */
  private static final int CONCURRENT = 4;

  private static final Duration SHORTEST_PAUSE = Duration.ofMillis(50);
  private static final Duration LONGEST_PAUSE = Duration.ofSeconds(1);

  /** Sessions in a row that ended because the server failed at something: some of that passes by itself. */
  private static final int TOLERATED = 5;

  /** About how many bytes a page may have. */
  private static final long PAGE_BYTES = 4 << 20;

  private final Api api;
  private final Topics topics;
  private final Groups groups;
  private final Reading reading;
  private final Places places;
  private final GoQueueDelayed delayed;
  private final Network network;
  private final SubscribeSpec spec;
  private final String topic;
  /** The group's name on the wire. */
  private final @Nullable String group;
  private final @Nullable Membership membership;
  private final int window;
  private final Consumer<GoQueueSource> onOver;

  private final Map<Integer, Lane> lanes = new TreeMap<>();
  private Dialect dialect = Dialect.DECLARED;
  private @Nullable CompletableFuture<?> finding;
  private boolean running;
  private boolean taking;
  private boolean began;
  private int faults;
  private int reads;
  private int asked;
  private int turn;

  GoQueueSource(
      Api api,
      Topics topics,
      Groups groups,
      Reading reading,
      Places places,
      GoQueueDelayed delayed,
      Network network,
      Options options,
      SubscribeSpec spec,
      SourceObserver<Message<byte[]>> observer,
      Consumer<GoQueueSource> onOver) {
    super(api.loop(), network.time(), network.config().retry(), observer);
    this.api = api;
    this.topics = topics;
    this.groups = groups;
    this.reading = reading;
    this.places = places;
    this.delayed = delayed;
    this.network = network;
    this.spec = spec;
    this.topic = topics.of(spec.stream());
    this.group = spec.group() == null ? null : groups.wire(spec.group(), topic);
    this.window = Math.max(1, Math.min(GoQueueDriver.PAGE, spec.prefetch()));
    this.onOver = onOver;
    this.membership = group == null || !spec.partitions().isEmpty() ? null : member(group, options);
  }

  private Membership member(String wireGroup, Options options) {
    GroupProtocol protocol = options.cooperative() ? new Cooperative(api, groups, wireGroup, topic) : new Eager(groups, wireGroup, topic);
    return new Membership(
        api, groups, protocol, wireGroup, topic, loop, network.time(), options, network.config().timeout(), this);
  }

  // Sessions.

  @Override
  protected void begin(int session) {
    running = true;
    find(
        session,
        api.within(network.config().timeout(), api::dialect),
        spoken -> {
          dialect = spoken;
          if (current(session)) {
            place(session);
          }
        });
  }

  /** Finds out which partitions to read, and from where. */
  private void place(int session) {
    if (membership != null) {
      if (membership.settled()) {
        findPlaces(session);
      } else {
        membership.join(error -> broke(session(), error));
      }
    } else if (began) {
      findPlaces(session);
    } else {
      find(
          session,
          api.within(network.config().timeout(), deadline -> topics.ask(topic, deadline)),
          details -> {
            Set<Integer> all = new HashSet<>();
            for (int partition = 0; partition < details.partitions(); partition++) {
              all.add(partition);
            }
            for (int partition : spec.partitions()) {
              try {
                details.checked(partition);
              } catch (InvalidRequestException unknown) {
                failed(session, unknown);
                return;
              }
            }
            assigned(spec.partitions().isEmpty() ? all : spec.partitions());
          });
    }
  }

  @Override
  protected CompletableFuture<Void> stop() {
    running = false;
    if (finding != null) {
      finding.cancel(true);
      finding = null;
    }
    lanes.values().forEach(Lane::rest);
    return ended() && membership != null ? membership.leave() : CompletableFuture.completedFuture(null);
  }

  @Override
  protected void over() {
    onOver.accept(this);
  }

  // What is read.

  @Override
  public void assigned(Set<Integer> partitions) {
    if (ended()) {
      return;
    }
    Set<Integer> lost = new HashSet<>(lanes.keySet());
    lost.removeAll(partitions);
    if (!lost.isEmpty()) {
      revoked(lost);
    }
    Set<Integer> gained = new HashSet<>(partitions);
    gained.removeAll(lanes.keySet());
    boolean first = !began && (membership == null || membership.alone());
    began = true;
    for (int partition : gained) {
      lanes.put(partition, new Lane(partition, first));
    }
    if (!gained.isEmpty()) {
      observer().onAssigned(Set.copyOf(gained));
    }
    if (running && !ended()) {
      findPlaces(session());
    }
  }

  @Override
  public void revoked(Set<Integer> partitions) {
    Set<Integer> gone = new HashSet<>(partitions);
    gone.retainAll(lanes.keySet());
    for (int partition : gone) {
      Lane lane = lanes.remove(partition);
      lane.rest();
    }
    if (!gone.isEmpty() && !ended()) {
      drop(message -> gone.contains(message.partition()));
      observer().onRevoked(Set.copyOf(gone));
      wanted();
    }
  }

  @Override
  public void expelled(TributaryException error) {
    end(error);
  }

  /** Finds out where to begin in partitions that are new, and reads those whose place is known. */
  private void findPlaces(int session) {
    lanes.values().forEach(Lane::wake);
    List<Lane> unknown = lanes.values().stream().filter(lane -> lane.start != null).toList();
    if (unknown.isEmpty()) {
      if (lanes.values().stream().allMatch(lane -> lane.paused)) {
        works(session);
      }
      wanted();
      return;
    }
    wanted();
    if (finding != null) {
      return; // Those that came since are looked for behind it.
    }
    find(
        session,
        api.within(network.config().timeout(), deadline -> startsOf(unknown, deadline)),
        found -> {
          for (Lane lane : unknown) {
            Long offset = found.get(lane.partition);
            if (offset != null && lane.start != null && lanes.get(lane.partition) == lane) {
              lane.moveTo(offset);
            }
          }
          works(session);
          if (current(session)) {
            findPlaces(session);
          }
        });
  }

  /** A partition that somebody else read is read on where the group committed, if it did. */
  private CompletableFuture<Map<Integer, Long>> startsOf(List<Lane> unknown, Deadline deadline) {
    boolean takesOver = unknown.stream().anyMatch(lane -> !lane.first);
    CompletableFuture<Map<Integer, Long>> committed =
        takesOver && group != null ? groups.committed(group, topic, deadline) : CompletableFuture.completedFuture(Map.of());
    return Steps.then(
        committed,
        known -> {
          Map<Integer, StartAt> starts = new HashMap<>();
          for (Lane lane : unknown) {
            Long next = lane.first ? null : known.get(lane.partition);
            starts.put(lane.partition, next == null ? spec.start() : StartAt.offset(next));
          }
          return places.find(topic, group, starts, deadline);
        });
  }

  /** One search at a time; its result counts if the session is still the one that counts. */
  private <R> void find(int session, CompletableFuture<R> search, Consumer<R> then) {
    finding = search;
    search.whenComplete(
        (result, error) ->
            loop.emit(
                search,
                mine -> {
                  if (finding == mine) {
                    finding = null;
                    if (error == null) {
                      then.accept(result);
                    } else {
                      broke(session, Faults.known(error));
                    }
                  }
                }));
  }

  private void broke(int session, TributaryException error) {
    boolean tolerated = error instanceof ServerErrorException && ++faults < TOLERATED;
    failed(
        session,
        tolerated ? new ConnectionFailedException(ErrorInfo.of("the server failed: " + error.getMessage(), "It is tried again").causedBy(error)) : error);
  }

  // Reading.

  @Override
  protected void delivered(Message<byte[]> message) {
    Lane lane = lanes.get(message.partition());
    if (lane != null) {
      lane.delivered(message.offset());
    }
  }

  @Override
  protected void wanted() {
    if (!running || taking || lanes.isEmpty()) {
      return;
    }
    List<Lane> all = new ArrayList<>(lanes.values());
    int share = Math.max(1, window / Math.min(all.size(), CONCURRENT));
    for (int i = 0; i < all.size() && reads < CONCURRENT; i++) {
      Lane lane = all.get((turn + i) % all.size());
      int room = window - held() - asked;
      if (lane.readable() && room >= (share + 1) / 2) {
        lane.read(session(), Math.min(share, room));
      }
    }
    turn++;
  }

  /** One partition. */
  private final class Lane implements Holes.Calls {
    final int partition;
    /** Whether nobody of the group read it before. */
    final boolean first;
    /** Where to begin; null once that is known as an offset. */
    @Nullable StartAt start = spec.start();
    /** The offset to deliver next: where a session begins. */
    long resumeAt;
    /** The offset to read next; what lies between is here already. */
    long readAt;
    boolean paused;
    private int most = window;
    private int limit;
    private @Nullable CompletableFuture<Page> call;
    private TimeSource.@Nullable Timer idle;
    private Duration pause = SHORTEST_PAUSE;
    /** Where the server shows events later in places that were passed. */
    private @Nullable Holes holes;

    Lane(int partition, boolean first) {
      this.partition = partition;
      this.first = first;
    }

    void moveTo(long offset) {
      if (holes != null) {
        holes.clear();
      }
      rest();
      start = null;
      resumeAt = offset;
      readAt = offset;
    }

    boolean readable() {
      return start == null && !paused && call == null && idle == null && (holes == null || !holes.full());
    }

    void delivered(long offset) {
      if (holes != null) {
        holes.delivered(offset, resumeAt);
      }
      resumeAt = Math.max(resumeAt, offset + 1);
    }

    long committable(long offset) {
      return holes == null ? offset : holes.committable(offset);
    }

    /** Goes on after a rest. */
    void wake() {
      if (holes != null && !paused) {
        holes.go();
      }
    }

    /** Leaves what is under way; what was read and not delivered is read again. */
    void rest() {
      if (idle != null) {
        idle.cancel();
        idle = null;
      }
      if (holes != null) {
        holes.rest(resumeAt);
      }
      pause = SHORTEST_PAUSE;
      readAt = resumeAt;
      CompletableFuture<Page> running = call;
      if (running != null) {
        over();
        running.cancel(true);
      }
    }

    private void over() {
      call = null;
      reads--;
      asked -= limit;
    }

    void read(int session, int share) {
      limit = Math.min(share, most);
      reads++;
      asked += limit;
      CompletableFuture<Page> reads = page(readAt, limit);
      call = reads;
      reads.whenComplete(
          (page, error) ->
              loop.emit(
                  reads,
                  mine -> {
                    if (call == mine) {
                      over();
                      if (error == null) {
                        take(session, page);
                      } else {
                        broke(session, Faults.known(error));
                      }
                    }
                  }));
    }

    private void take(int session, Page page) {
      faults = 0;
      works(session);
      if (dialect == Dialect.SHIPPED) {
        holes().passed(readAt, page);
      }
      boolean nothing = page.messages().isEmpty() && page.next() == readAt;
      readAt = page.next();
      if (nothing) {
        rest(session);
      } else {
        pause = SHORTEST_PAUSE;
        most = (int) Math.max(1, Math.min(window, PAGE_BYTES * Math.max(1, page.messages().size()) / Math.max(1, page.bytes())));
        // What to do next is decided behind the page, not within it.
        taking = true;
        for (Message<byte[]> message : page.messages()) {
          if (lanes.get(partition) == this && !paused && message.offset() >= resumeAt) {
            arrived(session, message);
          }
        }
        taking = false;
      }
      if (current(session)) {
        wanted();
      }
    }

    private Holes holes() {
      Holes known = holes;
      if (known == null) {
        known = new Holes("partition " + partition + " of " + topic, network.time(), loop, this);
        holes = known;
      }
      return known;
    }

    @Override
    public CompletableFuture<List<DelayedEvent>> pending() {
      return api.within(network.config().timeout(), deadline -> delayed.all(topic, deadline));
    }

    @Override
    public CompletableFuture<Page> page(long offset, int max) {
      return api.within(patience(), deadline -> reading.page(topic, partition, offset, max, deadline));
    }

    /** A server has pages at once: a connection that is silent for so long is dead, whatever else calls may take. */
    private Duration patience() {
      Duration silence = network.config().idleProbe().plus(network.config().connectTimeout());
      Duration timeout = network.config().timeout();
      return silence.compareTo(timeout) < 0 ? silence : timeout;
    }

    @Override
    public void emptied() {
      wanted();
    }

    @Override
    public void late(Message<byte[]> message) {
      if (running && lanes.get(partition) == this) {
        arrived(session(), message);
      }
    }

    private void rest(int session) {
      Duration now = pause;
      pause = pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0 ? LONGEST_PAUSE : pause.multipliedBy(2);
      idle =
          LoopTimer.after(
              network.time(),
              loop,
              now,
              () -> {
                if (current(session) && lanes.get(partition) == this) {
                  idle = null;
                  wanted();
                }
              });
    }
  }

  // What the application says.

  @Override
  public CompletableFuture<Map<Integer, Long>> seek(Map<Integer, StartAt> to, Deadline deadline) {
    return OnLoop.then(places.find(topic, group, to, deadline), loop, this::move);
  }

  private void move(Map<Integer, Long> offsets, CompletableFuture<Map<Integer, Long>> moved) {
    if (!lanes.keySet().containsAll(offsets.keySet())) {
      Set<Integer> others = new HashSet<>(offsets.keySet());
      others.removeAll(lanes.keySet());
      moved.completeExceptionally(
          new ConflictException(ErrorInfo.of("partitions " + others + " are not read here", "Another member of the group reads them")));
      return;
    }
    drop(message -> offsets.containsKey(message.partition()));
    offsets.forEach((partition, offset) -> lanes.get(partition).moveTo(offset));
    moved.complete(offsets);
    wanted();
  }

  @Override
  public void pause(Set<Integer> partitions) {
    loop.emit(
        partitions,
        which -> {
          drop(message -> which.contains(message.partition()));
          each(
              which,
              lane -> {
                lane.paused = true;
                lane.rest();
              });
          wanted();
        });
  }

  @Override
  public void resume(Set<Integer> partitions) {
    loop.emit(
        partitions,
        which -> {
          each(
              which,
              lane -> {
                lane.paused = false;
                lane.wake();
              });
          wanted();
        });
  }

  private void each(Set<Integer> partitions, Consumer<Lane> what) {
    for (int partition : partitions) {
      Lane lane = lanes.get(partition);
      if (lane != null) {
        what.accept(lane);
      }
    }
  }

  @Override
  public CompletableFuture<Void> commit(Map<Integer, Long> nextOffsets, Deadline deadline) {
    if (group == null) {
      return CompletableFuture.failedFuture(InvalidRequestException.of("a commit without a group", "Subscribe with a group to commit"));
    }
    CompletableFuture<Map<Integer, Long>> committable = new CompletableFuture<>();
    loop.emit(nextOffsets, asked -> committable.complete(committable(asked)));
    return Steps.then(
        committable,
        next -> membership != null ? membership.commit(next, deadline) : groups.commitFromOutside(group, topic, next, deadline));
  }

  private Map<Integer, Long> committable(Map<Integer, Long> asked) {
    Map<Integer, Long> next = new HashMap<>(asked);
    next.replaceAll(
        (partition, offset) -> {
          Lane lane = lanes.get(partition);
          return lane == null ? offset : lane.committable(offset);
        });
    return next;
  }
}
