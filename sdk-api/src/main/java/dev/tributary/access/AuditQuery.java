package dev.tributary.access;

import dev.tributary.error.InvalidRequestException;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which events of the audit trail to look for. All conditions hold together; those that are not set hold for every event. Made by
 * {@link #builder}.
 *
 * @param from only what happened at this time or later, or null
 * @param to only what happened before this time, or null
 * @param before only what is older than this event, or null
 * @param types only these; empty for all
 * @param user only what this one did, or null
 * @param resource only what was done to something with this in its name, or null
 * @param result only what ended so, or null
 * @param text only what has this in any of its texts, in capitals or not, or null
 * @param limit at most this many, 1 to 10,000; the newest first
 */
public record AuditQuery(
    @Nullable Instant from,
    @Nullable Instant to,
    @Nullable AuditEvent before,
    Set<String> types,
    @Nullable String user,
    @Nullable String resource,
    @Nullable AuditResult result,
    @Nullable String text,
    int limit) {
  /** The most events that one query finds. */
  public static final int MOST = 10_000;

  /** The newest 100. */
  public static final AuditQuery NEWEST = new AuditQuery(null, null, null, Set.of(), null, null, null, null, 100);

  public AuditQuery {
    types = Set.copyOf(types);
    if (limit < 1 || limit > MOST) {
      throw InvalidRequestException.of("a limit of " + limit + " events", "Give 1 to " + MOST + ", and ask for those before the last");
    }
    if (from != null && to != null && !from.isBefore(to)) {
      throw InvalidRequestException.of("a time that ends at " + to + " before it begins", "Give a beginning that is earlier");
    }
    if (result == AuditResult.OTHER) {
      throw InvalidRequestException.of("events with a result that has no name", "Leave the result out");
    }
  }

  /** The same, of what is older than the last event that was found: the next page. */
  public AuditQuery before(AuditEvent last) {
    return toBuilder().before(last).build();
  }

  /** A builder for the newest 100. */
  public static Builder builder() {
    return NEWEST.toBuilder();
  }

  /** A builder that begins with everything of this query. */
  public Builder toBuilder() {
    return new Builder(this);
  }

  /** Gathers an {@link AuditQuery}. Not thread-safe. */
  public static final class Builder {
    private @Nullable Instant from;
    private @Nullable Instant to;
    private @Nullable AuditEvent before;
    private Set<String> types;
    private @Nullable String user;
    private @Nullable String resource;
    private @Nullable AuditResult result;
    private @Nullable String text;
    private int limit;

    private Builder(AuditQuery query) {
      from = query.from;
      to = query.to;
      before = query.before;
      types = query.types;
      user = query.user;
      resource = query.resource;
      result = query.result;
      text = query.text;
      limit = query.limit;
    }

    /** Only what happened at this time or later. */
    public Builder from(Instant first) {
      this.from = first;
      return this;
    }

    /** Only what happened before this time. */
    public Builder to(Instant end) {
      this.to = end;
      return this;
    }

    /** Only what is older than this event. */
    public Builder before(AuditEvent event) {
      this.before = event;
      return this;
    }

    /** Only events of these types. */
    public Builder types(String... only) {
      this.types = new LinkedHashSet<>(Arrays.asList(only));
      return this;
    }

    /** Only what this user did. */
    public Builder user(String only) {
      this.user = only;
      return this;
    }

    /** Only what was done to something with this in its name. */
    public Builder resource(String part) {
      this.resource = part;
      return this;
    }

    /** Only what ended so. */
    public Builder result(AuditResult only) {
      this.result = only;
      return this;
    }

    /** Only what has this in any of its texts, in capitals or not. */
    public Builder text(String part) {
      this.text = part;
      return this;
    }

    /** At most this many, 1 to 10,000; 100 by default. */
    public Builder limit(int most) {
      this.limit = most;
      return this;
    }

    /** The query. */
    public AuditQuery build() {
      return new AuditQuery(from, to, before, types, user, resource, result, text, limit);
    }
  }
}
