package dev.tributary.engine;

import dev.tributary.Outcome;
import dev.tributary.ResourceName;
import dev.tributary.admin.ResourceInfo;
import dev.tributary.admin.ResourceKind;
import dev.tributary.admin.Retention;
import dev.tributary.admin.StreamConfig;
import dev.tributary.error.ConflictException;
import dev.tributary.error.ErrorInfo;
import dev.tributary.error.InvalidRequestException;
import dev.tributary.error.NotFoundException;
import dev.tributary.error.TributaryException;
import dev.tributary.spi.DeadLetterHeaders;
import dev.tributary.spi.GroupTransport;
import dev.tributary.stream.Event;
import dev.tributary.stream.EventKey;
import dev.tributary.stream.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * A stream. An event with a delay enters its partition when it is due, at the end, so that a reader never has to go back; until then an
 * offset that stays empty names it.
 * Used inside the gate.
 */
final class StreamLog implements SchemaTarget {
  private static final Retention DEAD_LETTER_RETENTION = Retention.maxAge(Duration.ofDays(14));
  private static final GroupTransport.Stats NOTHING_LEASED = new GroupTransport.Stats(0, 0, 0, 0, 0, 0, 0, 0, 0);

  private final MemoryEngine engine;
  private final Gate gate;
  private final ResourceName name;
  private final Instant createdAt;
  private final List<Partition> partitions;
  private final DedupWindow<String, StoredEvent> stored;
  private final Map<String, Group> groups = new TreeMap<>();
  private final Set<StreamReader> readers = new LinkedHashSet<>();
  private final DelayedLog delayed;
  private @Nullable AttachedSchema schema;
  private int turn;
  private long readersEver;

  StreamLog(MemoryEngine engine, ResourceName name, StreamConfig config) {
    this.engine = engine;
    this.gate = engine.gate();
    this.name = name;
    this.createdAt = gate.clock().wall();
    this.partitions = new ArrayList<>(config.partitions());
    for (int i = 0; i < config.partitions(); i++) {
      partitions.add(new Partition(i, gate.clock(), config.retention()));
    }
    this.delayed = new DelayedLog(gate, this::append);
    this.stored = new DedupWindow<>(gate.clock(), engine.dedupWindow());
  }

  ResourceInfo info() {
    return new ResourceInfo(ResourceKind.STREAM, name, partitions.size(), createdAt);
  }

  int partitions() {
    return partitions.size();
  }

  Partition partition(int number) {
    if (number < 0 || number >= partitions.size()) {
      throw noPartition(number);
    }
    return partitions.get(number);
  }

  /** Appends, or refuses the whole batch because of its schema. */
  List<Outcome<Position>> publish(List<Event<byte[]>> events) {
    checkSchema(events);
    return events.stream().map(this::publish).toList();
  }

  void checkSchema(List<Event<byte[]>> events) {
    if (schema != null) {
      schema.check(events.stream().map(Event::value).toList());
    }
  }

  private Outcome<Position> publish(Event<byte[]> event) {
    StoredEvent before = stored.find(event.deduplicationId());
    if (before != null) {
      return Outcome.of(before.position());
    }
    Outcome<Integer> partition = admit(event);
    if (partition.error() != null) {
      return Outcome.failed(partition.error());
    }
    return Outcome.of(store(event, partition.orThrow()).position());
  }

  /** Which partition an event goes to, or why to none. */
  Outcome<Integer> admit(Event<byte[]> event) {
    try {
      engine.schemas().check(event);
    } catch (TributaryException refused) {
      return Outcome.failed(refused);
    }
    if (event.partition().isPresent()) {
      int chosen = event.partition().getAsInt();
      return chosen < partitions.size() ? Outcome.of(chosen) : Outcome.failed(noPartition(chosen));
    }
    EventKey key = event.key();
    return Outcome.of(key == null ? Math.floorMod(turn++, partitions.size()) : Math.floorMod(hash(key.bytes()), partitions.size()));
  }

  /** Stores an event in a partition, unless its deduplication id is known by now. */
  StoredEvent store(Event<byte[]> event, int partition) {
    StoredEvent known = stored.find(event.deduplicationId());
    if (known != null) {
      return known;
    }
    StoredEvent made = new StoredEvent(event, partition);
    stored.remember(event.deduplicationId(), made);
    Duration delay = event.delay();
    if (delay == null) {
      append(made);
    } else {
      made.keep(partitions.get(partition).skip());
      delayed.add(made, delay);
    }
    return made;
  }

  private void append(StoredEvent event) {
    partitions.get(event.partition()).append(event);
    readers.forEach(reader -> reader.appended(event.partition()));
    if (!groups.isEmpty()) {
      leases().forEach(GroupLeases::serve);
    }
  }

  /** One more reader; returns what it is called. */
  String add(StreamReader reader) {
    readers.add(reader);
    return "reader-" + ++readersEver;
  }

  /** It is over. A group that it leaves without a trace is forgotten. */
  void remove(StreamReader reader) {
    readers.remove(reader);
    Group left = reader.group();
    if (left != null && !left.exists() && readers.stream().noneMatch(other -> other.group() == left)) {
      groups.remove(left.name());
    }
  }

  /** The group of this name; made if it does not exist. */
  Group group(String group) {
    return groups.computeIfAbsent(group, g -> new Group(g, this, gate));
  }

  DelayedLog delayed() {
    return delayed;
  }

  /** Deletes a group that nobody reads for. */
  void deleteGroup(String group) {
    Group known = groups.get(group);
    if (known == null || !known.exists()) {
      throw new NotFoundException(
          ErrorInfo.of("the stream " + name + " has no group " + group, "Look at what groups there are"));
    }
    if (readers.stream().anyMatch(reader -> reader.group() == known)) {
      throw new ConflictException(ErrorInfo.of("the group " + group + " has members", "Close its consumers first"));
    }
    groups.remove(group);
    GroupLeases leases = known.knownLeases();
    if (leases != null) {
      leases.end(new NotFoundException(ErrorInfo.of("the group " + group + " was deleted", "Join another")));
    }
  }

  @Nullable Group knownGroup(String group) {
    return groups.get(group);
  }

  List<String> groups() {
    return groups.values().stream().filter(Group::exists).map(Group::name).toList();
  }

  private List<GroupLeases> leases() {
    return groups.values().stream().map(Group::knownLeases).filter(Objects::nonNull).toList();
  }

  /** Whose group has leased a message under this receipt; null if nobody's. */
  @Nullable GroupLeases holder(String receipt) {
    return leases().stream().filter(group -> group.holds(receipt)).findFirst().orElse(null);
  }

  GroupTransport.Stats stats(String group) {
    Group known = groups.get(group);
    GroupLeases leases = known == null ? null : known.knownLeases();
    return leases == null ? NOTHING_LEASED : leases.stats();
  }

  /** What nobody has or had, to show for a delivery. */
  String newReceipt() {
    return engine.ids().receipt();
  }

  /** The stream of its dead letters; null if none died yet. */
  @Nullable StreamLog letters() {
    try {
      return engine.streams().find(lettersOf(name));
    } catch (InvalidRequestException tooLong) {
      return null;
    }
  }

  /** The same, made if there is none. */
  StreamLog useLetters() {
    StreamLog known = letters();
    return known == null
        ? engine
            .streams()
            .create(lettersOf(name), StreamConfig.builder().partitions(partitions.size()).retention(DEAD_LETTER_RETENTION).build())
        : known;
  }

  /** What the stream of the dead letters of a stream is called. */
  static ResourceName lettersOf(ResourceName stream) {
    return stream.withName(stream.name() + DeadLetterHeaders.STREAM_SUFFIX);
  }

  /** All events, by partition. */
  List<StoredEvent> events() {
    List<StoredEvent> all = new ArrayList<>();
    for (Partition partition : partitions) {
      for (StoredEvent event = partition.from(0); event != null; event = partition.from(event.offset() + 1)) {
        all.add(event);
      }
    }
    return all;
  }

  /** Takes an event away: its offset stays empty. */
  void remove(StoredEvent event) {
    partitions.get(event.partition()).remove(event);
  }

  /** Adds what a group gave up to the stream's dead letters; false if there can be none, since their name would be too long. */
  boolean bury(StoredEvent event, LeasedMessage message, String group, @Nullable String reason, boolean rejected) {
    StreamLog to;
    try {
      to = useLetters();
    } catch (InvalidRequestException tooLong) {
      return false;
    }
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put(DeadLetterHeaders.STREAM, name.toString());
    headers.put(DeadLetterHeaders.POSITION, LetterHeaders.text(new Position(message.partition, message.offset)));
    headers.put(DeadLetterHeaders.STORED_AT, event.storedAt().toString());
    headers.put(DeadLetterHeaders.FAILED_AT, gate.clock().wall().toString());
    headers.put(DeadLetterHeaders.ATTEMPTS, Integer.toString(message.attempts));
    headers.put(DeadLetterHeaders.FIRST_DELIVERY, message.firstDelivery.toString());
    headers.put(DeadLetterHeaders.LAST_DELIVERY, message.lastDelivery.toString());
    headers.put(DeadLetterHeaders.GROUP, group);
    headers.put(DeadLetterHeaders.CONSUMER, message.consumer);
    headers.put(DeadLetterHeaders.REJECTED, Boolean.toString(rejected));
    if (reason != null) {
      headers.put(DeadLetterHeaders.REASON, reason);
    }
    to.store(event.again(headers), Math.min(message.partition, to.partitions() - 1));
    return true;
  }

  /** The stream is deleted. */
  void delete() {
    delayed.clear();
    NotFoundException gone = new NotFoundException(ErrorInfo.of("the stream " + name + " was deleted", "Subscribe to another"));
    List.copyOf(readers).forEach(reader -> reader.end(gone));
    leases().forEach(group -> group.end(gone));
  }

  @Override
  public void attach(AttachedSchema attached) {
    schema = attached;
  }

  private InvalidRequestException noPartition(int number) {
    return InvalidRequestException.of(
        "the stream " + name + " has no partition " + number, "Its partitions are 0 to " + (partitions.size() - 1));
  }

  /** FNV-1a: the same in every process. */
  private static int hash(byte[] key) {
    int hash = 0x811c9dc5;
    for (byte b : key) {
      hash = (hash ^ b & 0xff) * 0x01000193;
    }
    return hash;
  }
}
