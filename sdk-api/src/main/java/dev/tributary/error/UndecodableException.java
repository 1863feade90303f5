package dev.tributary.error;

import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The codec could not decode one item: a message, a job, a dead letter, a value of a key. It carries the item's address and its bytes, so that
 * a program can go on behind the item, or deal with it, without reading a text. {@link #resource()} is its stream, queue or store.
 */
public final class UndecodableException extends TributaryException {
  private static final long serialVersionUID = 1L;

  private final byte[] bytes;
  private final int partition;
  private final long offset;
  private final @Nullable String id;

  private UndecodableException(ErrorInfo info, byte[] bytes, int partition, long offset, @Nullable String id) {
    super(info);
    this.bytes = bytes;
    this.partition = partition;
    this.offset = offset;
    this.id = id;
  }

  /** Of the message at this offset of a partition. */
  public static UndecodableException ofMessage(ErrorInfo info, byte[] bytes, int partition, long offset) {
    return new UndecodableException(info, bytes, partition, offset, null);
  }

  /** Of the job or dead letter of this id, or of the value of this key. */
  public static UndecodableException ofItem(ErrorInfo info, byte[] bytes, String id) {
    return new UndecodableException(info, bytes, -1, -1, id);
  }

  /** The payload as it was received. Not to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** The message's partition; empty if it is none of a stream. */
  public OptionalInt partition() {
    return offset < 0 ? OptionalInt.empty() : OptionalInt.of(partition);
  }

  /** The message's offset in its partition, so that the one to go on at is one more; empty if it is none of a stream. */
  public OptionalLong offset() {
    return offset < 0 ? OptionalLong.empty() : OptionalLong.of(offset);
  }

  /** The id of the job or dead letter, or the key; empty for a message of a stream. */
  public Optional<String> id() {
    return Optional.ofNullable(id);
  }

  @Override
  public boolean retryable() {
    return false;
  }

  @Override
  public UndecodableException at(@Nullable String backend, @Nullable String operation, @Nullable String resource) {
    return (UndecodableException) super.at(backend, operation, resource);
  }

  @Override
  UndecodableException with(ErrorInfo info) {
    return new UndecodableException(info, bytes, partition, offset, id);
  }
}
