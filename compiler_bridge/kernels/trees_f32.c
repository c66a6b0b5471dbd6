/* What trees of decisions add up to. The nodes of a tree lie so that a node's successor is where its
 * condition (value <= threshold) leads, and the node `skip` behind it where it does not. */
typedef struct {
    const int16_t *feature;   /* twice the value's place, and 1 where a NaN leads on; -1 for a leaf */
    const float *threshold;   /* of a leaf its weight, where weights are NULL */
    const uint16_t *skip;     /* of a leaf its row of weights */
    const int32_t *roots;     /* of each tree */
    const int16_t *targets;   /* that each tree adds to, where weights are NULL */
    const float *weights;     /* rows, one weight for each target */
    const float *base;        /* what is added to each target */
    int32_t operation;        /* 0 sum, 1 average, 2 the smallest, 3 the largest */
    int32_t batch, n_features, n_trees, n_targets;
} fg_trees_f32_t;

static int32_t fg_leaf_of(const fg_trees_f32_t *p, const float *in, int32_t node)
{
    while (p->feature[node] >= 0) {
        const float x = in[p->feature[node] >> 1];
        const float threshold = p->threshold[node];
        const int32_t is_none = !(x <= threshold || x > threshold);
        const int32_t leads_on = is_none ? p->feature[node] & 1 : x <= threshold;
        node += leads_on ? 1 : p->skip[node];
    }
    return node;
}

static float fg_with_tree(const fg_trees_f32_t *p, int32_t tree, float y, float weight)
{
    if (p->operation < 2) {
        return y + weight;
    }
    const int32_t is_beyond = p->operation == 2 ? weight < y : weight > y;
    return tree == 0 || is_beyond ? weight : y;
}

static void fg_trees_f32(const fg_trees_f32_t *p, const float *in, float *out)
{
    for (int32_t b = 0; b < p->batch; b++) {
        for (int32_t k = 0; k < p->n_targets; k++) {
            out[k] = 0.0f;
        }
        for (int32_t t = 0; t < p->n_trees; t++) {
            const int32_t leaf = fg_leaf_of(p, in, p->roots[t]);
            if (p->weights == NULL) {
                float *y = out + p->targets[t];
                *y = fg_with_tree(p, t, *y, p->threshold[leaf]);
                continue;
            }
            const float *weights = p->weights + p->skip[leaf] * p->n_targets;
            for (int32_t k = 0; k < p->n_targets; k++) {
                out[k] = fg_with_tree(p, t, out[k], weights[k]);
            }
        }
        for (int32_t k = 0; k < p->n_targets; k++) {
            out[k] = (p->operation == 1 ? out[k] / (float)p->n_trees : out[k]) + p->base[k];
        }
        in += p->n_features;
        out += p->n_targets;
    }
}
