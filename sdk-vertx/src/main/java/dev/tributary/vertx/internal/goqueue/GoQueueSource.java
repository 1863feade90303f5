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
import dev.tributary.vertx.internal.goqueue.client.Api;
import dev.tributary.vertx.internal.goqueue.client.Cooperative;
import dev.tributary.vertx.internal.goqueue.client.Delays;
import dev.tributary.vertx.internal.goqueue.client.Dialect;
import dev.tributary.vertx.internal.goqueue.client.Eager;
import dev.tributary.vertx.internal.goqueue.client.Groups;
import dev.tributary.vertx.internal.goqueue.client.Places;
import dev.tributary.vertx.internal.goqueue.client.Reading;
import dev.tributary.vertx.internal.goqueue.client.Topics;
import dev.tributary.vertx.internal.goqueue.shipped.Gaps;
import dev.tributary.vertx.internal.goqueue.wire.Page;
import dev.tributary.vertx.internal.goqueue.wire.Sizes;
import dev.tributary.vertx.internal.net.LoopTimer;
import dev.tributary.vertx.internal.net.Network;
import dev.tributary.vertx.internal.net.OnLoop;
import dev.tributary.vertx.internal.net.Steps;
import dev.tributary.vertx.internal.source.GroupProtocol;
import dev.tributary.vertx.internal.source.Membership;
import dev.tributary.vertx.internal.source.ResumingSource;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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

  /** How many messages the first page of a partition has at most: how large they are is not known yet. */
  private static final int FIRST_PAGE = 16;

  /** Where nothing comes, it is looked this often whether the place to read on is still there. */
  private static final Duration LOOK = Duration.ofSeconds(5);

  private final Api api;
  private final Topics topics;
  private final Groups groups;
  private final Reading reading;
  private final Places places;
  private final Delays delayed;
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
  /** Whether the places to read on are to be checked before anything is read. */
  private boolean unchecked;
  private boolean looking;
  private long looked;
  /** Bytes that are here and not delivered. */
  private long waiting;
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
      Delays delayed,
      Network network,
      GoQueueOptions options,
      SubscribeSpec spec,
      SourceObserver<Message<byte[]>> observer,
      Consumer<GoQueueSource> onOver) {
    super(api.loop(), network, observer);
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
    this.window = Math.max(1, Math.min(Sizes.PAGE, spec.prefetch()));
    this.onOver = onOver;
    this.membership = group == null || !spec.partitions().isEmpty() ? null : member(group, options);
  }

  private Membership member(String wireGroup, GoQueueOptions options) {
    GroupProtocol protocol = options.cooperative() ? new Cooperative(api, groups, wireGroup, topic) : new Eager(groups, wireGroup, topic);
    return new Membership(
        network, protocol, wireGroup, Groups.ownName("tributary"), loop, options.heartbeat(), GoQueueOptions.SESSION, this);
  }

  // Sessions.

  @Override
  protected void begin(int session) {
    running = true;
    unchecked = began;
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
    waiting = 0;
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
      // They are somebody else's already: nobody can wait for anything.
      revoking(lost);
      revoked(lost);
    }
    Set<Integer> gained = new HashSet<>(partitions);
    gained.removeAll(lanes.keySet());
    boolean beginning = !began;
    boolean first = beginning && (membership == null || membership.alone());
    began = true;
    for (int partition : gained) {
      lanes.put(partition, new Lane(partition, first));
    }
    if (beginning || !gained.isEmpty()) {
      observer().onAssigned(Set.copyOf(gained));
    }
    if (running && !ended()) {
      findPlaces(session());
    }
  }

  @Override
  public CompletableFuture<?> revoking(Set<Integer> partitions) {
    Set<Integer> going = new HashSet<>(partitions);
    going.retainAll(lanes.keySet());
    if (going.isEmpty() || ended()) {
      return CompletableFuture.completedFuture(null);
    }
    for (int partition : going) {
      lanes.get(partition).goingAway();
    }
    forget(going);
    return observer().onRevoking(Set.copyOf(going));
  }

  /** What is here of these and not delivered is not. */
  private void forget(Set<Integer> partitions) {
    drop(
        message -> {
          boolean which = partitions.contains(message.partition());
          waiting -= which ? size(message) : 0;
          return which;
        });
  }

  private static long size(Message<byte[]> message) {
    return message.value().length;
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
      forget(gone);
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
    unchecked &= lanes.values().stream().anyMatch(lane -> lane.start == null);
    if (unknown.isEmpty() && !unchecked) {
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
    Map<Lane, Place> known = places();
    find(
        session,
        api.within(network.config().timeout(), deadline -> begin(unknown, deadline)),
        begun -> {
          unchecked = false;
          for (Lane lane : unknown) {
            Long offset = begun.offsets().get(lane.partition);
            if (offset != null && lane.start != null && lanes.get(lane.partition) == lane) {
              lane.moveTo(offset, begun.ahead().contains(lane.partition));
            }
          }
          if (areThere(session, known, begun.details())) {
            works(session);
          }
          if (current(session)) {
            findPlaces(session);
          }
        });
  }

  private CompletableFuture<Places.Begun> begin(List<Lane> unknown, Deadline deadline) {
    Map<Integer, Boolean> partitions = new HashMap<>();
    unknown.forEach(lane -> partitions.put(lane.partition, group != null && !lane.first));
    return places.begin(
        new Places.Beginning(topic, group, spec.start(), spec.reset(), partitions, membership != null, this::store), deadline);
  }

  private CompletableFuture<Void> store(Map<Integer, Long> next, Deadline deadline) {
    return membership != null ? membership.commit(next, deadline) : groups.commitFromOutside(Objects.requireNonNull(group), topic, next, deadline);
  }

  // Whether what is to be read on is still there.

  /** Where a partition is, and how often it was told to go elsewhere by then. */
  private record Place(long offset, int moves) {}

  private Map<Lane, Place> places() {
    Map<Lane, Place> places = new HashMap<>();
    lanes.values().stream().filter(lane -> lane.start == null && !lane.ahead).forEach(lane -> places.put(lane, new Place(lane.readAt, lane.moves)));
    return places;
  }

  /** Looks at all places now and then: a server that came back without its data answers as if there was nothing new. */
  private void look(int session) {
    if (looking || network.time().nanos() - looked < LOOK.toNanos()) {
      return;
    }
    looking = true;
    Map<Lane, Place> known = places();
    api.within(api.patience(), deadline -> topics.ask(topic, deadline))
        .whenComplete(
            (details, error) ->
                OnLoop.run(
                    loop,
                    known,
                    then -> {
                      looking = false;
                      looked = network.time().nanos();
                      if (error == null && current(session)) {
                        areThere(session, then, details);
                        wanted();
                      }
                    }));
  }

  /** Whether all of these places are, as the topic was after they were noted; goes elsewhere in those that are not, or ends. */
  private boolean areThere(int session, Map<Lane, Place> known, Topics.Details details) {
    for (Map.Entry<Lane, Place> one : known.entrySet()) {
      Lane lane = one.getKey();
      if (lanes.get(lane.partition) == lane && lane.moves == one.getValue().moves() && !isThere(session, lane, one.getValue().offset(), details)) {
        return false;
      }
    }
    return true;
  }

  private boolean isThere(int session, Lane lane, long place, Topics.Details details) {
    try {
      Topics.Ends ends = details.of(lane.partition);
      if (!ends.has(place) && (place > ends.next() || lane.delivered)) {
        long instead = ends.instead(spec.reset(), topic, lane.partition, place);
        forget(Set.of(lane.partition));
        lane.moveTo(instead, false);
        if (group != null) {
          // Else whoever takes over finds the same.
          api.within(network.config().timeout(), deadline -> store(Map.of(lane.partition, instead), deadline));
        }
      }
      return true;
    } catch (TributaryException gone) {
      failed(session, gone);
      return false;
    }
  }

  /** One search at a time; its result counts if the session is still the one that counts. */
  private <R> void find(int session, CompletableFuture<R> search, Consumer<R> then) {
    finding = search;
    search.whenComplete(
        (result, error) ->
            OnLoop.run(
                loop,
                search,
                mine -> {
                  if (finding == mine) {
                    finding = null;
                    if (error == null) {
                      guarded(session, () -> then.accept(result));
                    } else {
                      broke(session, Steps.known(error));
                    }
                  }
                }));
  }

  /** What goes wrong here is not passed over in silence, with nothing more to come. */
  private void guarded(int session, Runnable step) {
    try {
      step.run();
    } catch (Throwable defect) {
      failed(session, Steps.known(defect));
    }
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
    waiting -= size(message);
    Lane lane = lanes.get(message.partition());
    if (lane != null) {
      lane.delivered(message.offset());
    }
  }

  @Override
  protected void wanted() {
    long bytes = observer().room() - waiting;
    if (!running || taking || unchecked || bytes <= 0 || lanes.isEmpty()) {
      return;
    }
    List<Lane> all = new ArrayList<>(lanes.values());
    int share = Math.max(1, window / Math.min(all.size(), CONCURRENT));
    for (int i = 0; i < all.size() && reads < CONCURRENT; i++) {
      Lane lane = all.get((turn + i) % all.size());
      int room = window - held() - asked;
      if (lane.readable() && room >= (share + 1) / 2) {
        lane.read(session(), Math.min(share, room), bytes / CONCURRENT);
      }
    }
    turn++;
  }

  private void arrivedHere(int session, Message<byte[]> message) {
    if (current(session)) {
      waiting += size(message);
      arrived(session, message);
    }
  }

  /** A page, and what the topic was like after it, if that was asked for. */
  private record Read(Page page, Topics.@Nullable Details details) {}

  /** One partition. */
  private final class Lane implements Gaps.Calls {
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
    /** Whether the place may lie ahead of what there is. */
    boolean ahead;
    /** Whether something was delivered since it was told to go elsewhere: then what is before the place was there. */
    boolean delivered;
    /** How often it was told to go elsewhere. */
    int moves;
    /** Whether it is about to be handed over. */
    private boolean going;
    private int most = Math.min(FIRST_PAGE, window);
    /** About how many bytes a message has; 0 if that is not known. */
    private long typical;
    private int limit;
    private @Nullable CompletableFuture<Read> call;
    private TimeSource.@Nullable Timer idle;
    private Duration pause = SHORTEST_PAUSE;
    /** Where the server shows events later in places that were passed. */
    private @Nullable Gaps holes;

    Lane(int partition, boolean first) {
      this.partition = partition;
      this.first = first;
    }

    void goingAway() {
      going = true;
      rest();
    }

    /** Reads on there; {@code mayWait} if there need not be anything yet. */
    void moveTo(long offset, boolean mayWait) {
      moves++;
      ahead = mayWait;
      delivered = false;
      if (holes != null) {
        holes.clear();
      }
      rest();
      start = null;
      resumeAt = offset;
      readAt = offset;
    }

    boolean readable() {
      return start == null && !paused && !going && call == null && idle == null && (holes == null || !holes.full());
    }

    void delivered(long offset) {
      ahead = false;
      delivered = true;
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
      CompletableFuture<Read> running = call;
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

    void read(int session, int share, long bytes) {
      int fit = (int) Math.max(1, Math.min(most, bytes / (typical == 0 ? Sizes.PAYLOAD_BYTES : typical)));
      limit = Math.min(share, fit);
      reads++;
      asked += limit;
      CompletableFuture<Read> reading = seen(readAt, page(readAt, limit));
      call = reading;
      reading.whenComplete(
          (read, error) ->
              OnLoop.run(
                  loop,
                  reading,
                  mine -> {
                    if (call == mine) {
                      over();
                      if (error == null) {
                        guarded(session, () -> take(session, read));
                      } else {
                        broke(session, Steps.known(error));
                      }
                    }
                  }));
    }

    /** A page that begins later than it was asked for may have lost what was there. */
    private CompletableFuture<Read> seen(long from, CompletableFuture<Page> reading) {
      return Steps.then(
          reading,
          page ->
              delivered && !page.messages().isEmpty() && page.messages().get(0).offset() > from
                  ? Steps.map(api.within(api.patience(), deadline -> topics.ask(topic, deadline)), details -> new Read(page, details))
                  : CompletableFuture.completedFuture(new Read(page, null)));
    }

    private void take(int session, Read read) {
      Page page = read.page();
      faults = 0;
      int movesBefore = moves;
      if (read.details() != null && (!isThere(session, this, readAt, read.details()) || moves != movesBefore)) {
        wanted();
        return;
      }
      works(session);
      if (dialect == Dialect.SHIPPED) {
        holes().passed(readAt, page);
      }
      boolean nothing = page.messages().isEmpty() && page.next() == readAt;
      readAt = page.next();
      if (nothing) {
        rest(session);
        if (!ahead && readAt > 0) {
          look(session);
        }
      } else {
        pause = SHORTEST_PAUSE;
        int size = Math.max(1, page.messages().size());
        most = (int) Math.max(1, Math.min(window, PAGE_BYTES * size / Math.max(1, page.bytes())));
        typical = Math.max(1, page.bytes() / size);
        // What to do next is decided behind the page, not within it.
        taking = true;
        try {
          for (Message<byte[]> message : page.messages()) {
            if (lanes.get(partition) == this && !paused && !going && message.offset() >= resumeAt) {
              arrivedHere(session, message);
            }
          }
        } finally {
          taking = false;
        }
      }
      if (current(session)) {
        wanted();
      }
    }

    private Gaps holes() {
      Gaps known = holes;
      if (known == null) {
        known = new Gaps("partition " + partition + " of " + topic, network.time(), loop, this);
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
      return api.within(api.patience(), deadline -> reading.page(topic, partition, offset, max, deadline));
    }

    @Override
    public void emptied() {
      wanted();
    }

    @Override
    public void late(Message<byte[]> message) {
      if (running && lanes.get(partition) == this) {
        arrivedHere(session(), message);
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
    return OnLoop.then(places.find(topic, group, to, deadline), loop, (offsets, moved) -> move(to, offsets, moved));
  }

  private void move(Map<Integer, StartAt> to, Map<Integer, Long> offsets, CompletableFuture<Map<Integer, Long>> moved) {
    if (!lanes.keySet().containsAll(offsets.keySet())) {
      Set<Integer> others = new HashSet<>(offsets.keySet());
      others.removeAll(lanes.keySet());
      moved.completeExceptionally(
          new ConflictException(ErrorInfo.of("partitions " + others + " are not read here", "Another member of the group reads them")));
      return;
    }
    forget(offsets.keySet());
    offsets.forEach((partition, offset) -> lanes.get(partition).moveTo(offset, to.get(partition) instanceof StartAt.Offset));
    moved.complete(offsets);
    wanted();
  }

  @Override
  public void pause(Set<Integer> partitions) {
    OnLoop.run(
        loop,
        partitions,
        which -> {
          forget(which);
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
    OnLoop.run(
        loop,
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
    OnLoop.run(loop, nextOffsets, asked -> committable.complete(committable(asked)), committable);
    return Steps.then(committable, next -> store(next, deadline));
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
