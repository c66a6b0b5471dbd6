#include "exp_f32.h"

/* What a detector of objects has found: boxes that overlap a better one of their class are left out,
 * or of any class where `by_class` is 0. Corners and scores are those of the boxes; taken ones lose
 * their score. */
typedef struct {
    int32_t boxes, values; /* of each box, the first four of which are y, x, height, width */
    int32_t classes, scores; /* of each box; the last scores are those of the classes */
    int32_t most, most_a_class, by_class;
    float least_score, most_overlap;
    float y_scale, x_scale, height_scale, width_scale;
} fg_detections_f32_t;

#define FG_NO_SCORE (-3.402823466e+38f)

/* The best ones so far, in falling order of their scores. */
typedef struct {
    float *corners, *classes, *scores;
    int32_t n;
} fg_found;

static void fg_corners(const fg_detections_f32_t *p, const float *box, const float *anchor,
                       float *corners)
{
    const float y = box[0] / p->y_scale * anchor[2] + anchor[0];
    const float x = box[1] / p->x_scale * anchor[3] + anchor[1];
    const float half_height = 0.5f * fg_exp_f32(box[2] / p->height_scale) * anchor[2];
    const float half_width = 0.5f * fg_exp_f32(box[3] / p->width_scale) * anchor[3];
    corners[0] = y - half_height;
    corners[1] = x - half_width;
    corners[2] = y + half_height;
    corners[3] = x + half_width;
}

static float fg_common(float low_a, float high_a, float low_b, float high_b)
{
    const float low = low_a > low_b ? low_a : low_b;
    const float high = high_a < high_b ? high_a : high_b;
    return high > low ? high - low : 0.0f;
}

/* The common area of two boxes as a part of what they cover. */
static float fg_overlap(const float *a, const float *b)
{
    const float area_a = (a[2] - a[0]) * (a[3] - a[1]);
    const float area_b = (b[2] - b[0]) * (b[3] - b[1]);
    if (area_a <= 0.0f || area_b <= 0.0f) {
        return 0.0f;
    }
    const float both = fg_common(a[0], a[2], b[0], b[2]) * fg_common(a[1], a[3], b[1], b[3]);
    return both / (area_a + area_b - both);
}

/* Puts one behind those that are as good. */
static void fg_insert(const fg_detections_f32_t *p, fg_found *found, const float *corners,
                      int32_t kind, float score)
{
    int32_t at = found->n;
    while (at > 0 && found->scores[at - 1] < score) {
        at--;
    }
    if (at == p->most) {
        return;
    }
    found->n += found->n < p->most ? 1 : 0;
    const size_t behind = (size_t)(found->n - 1 - at) * sizeof(float);
    memmove(found->scores + at + 1, found->scores + at, behind);
    memmove(found->classes + at + 1, found->classes + at, behind);
    memmove(found->corners + 4 * at + 4, found->corners + 4 * at, 4 * behind);
    found->scores[at] = score;
    found->classes[at] = (float)kind;
    memcpy(found->corners + 4 * at, corners, 4 * sizeof(float));
}

static int32_t fg_best(const float *scores, int32_t n)
{
    int32_t best = 0;
    for (int32_t i = 1; i < n; i++) {
        best = scores[i] > scores[best] ? i : best;
    }
    return best;
}

/* Takes the best box again and again. A kind below 0 is the best one of each box. */
static void fg_detect(const fg_detections_f32_t *p, const float *scores, const float *corners,
                      float *left, int32_t kind, int32_t limit, fg_found *found)
{
    for (int32_t taken = 0; taken < limit; taken++) {
        const int32_t best = fg_best(left, p->boxes);
        const float score = left[best];
        if (!(score >= p->least_score)) {
            return;
        }
        const int32_t own =
            kind < 0 ? fg_best(scores + best * p->scores, p->classes) : kind;
        fg_insert(p, found, corners + 4 * best, own, score);
        left[best] = FG_NO_SCORE;
        for (int32_t i = 0; i < p->boxes; i++) {
            if (left[i] >= p->least_score
                && fg_overlap(corners + 4 * best, corners + 4 * i) > p->most_overlap) {
                left[i] = FG_NO_SCORE;
            }
        }
    }
}

static void fg_detections_f32(const fg_detections_f32_t *p, const float *boxes, const float *scores,
                              const float *anchors, float *out_corners, float *out_classes,
                              float *out_scores, float *count, float *corners, float *left)
{
    fg_found found = {out_corners, out_classes, out_scores, 0};
    memset(out_corners, 0, (size_t)p->most * 4 * sizeof(float));
    memset(out_classes, 0, (size_t)p->most * sizeof(float));
    memset(out_scores, 0, (size_t)p->most * sizeof(float));
    for (int32_t i = 0; i < p->boxes; i++) {
        fg_corners(p, boxes + i * p->values, anchors + 4 * i, corners + 4 * i);
    }
    scores += p->scores - p->classes;
    const int32_t rounds = p->by_class ? p->classes : 1;
    for (int32_t kind = 0; kind < rounds; kind++) {
        for (int32_t i = 0; i < p->boxes; i++) {
            const float *own = scores + i * p->scores;
            const float score = own[p->by_class ? kind : fg_best(own, p->classes)];
            left[i] = score >= p->least_score ? score : FG_NO_SCORE; /* NaN, too */
        }
        fg_detect(p, scores, corners, left, p->by_class ? kind : -1,
                  p->by_class ? p->most_a_class : p->most, &found);
    }
    *count = (float)found.n;
}
